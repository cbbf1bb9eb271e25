// What both forms say of a field besides its value: label, bounds, words.

/** A number's input: its label, the step of its arrows, and its least value; decimals where it isn't a whole number. */
export type NumberInfo = { label: string; step: number; min: number; decimals?: number };

/** A choice's label, and the words for each of its values. */
export type ChoiceInfo<Value extends string = string> = { label: string; words: Record<Value, string> };
