// The binary form of curves: a length, JSON, then columns that are used where they lie.

export type Column = Float32Array | Float64Array | Int32Array;

/** An answer's type in this form: each list of numbers is a column. */
export type InColumns<T> = T extends (number | null)[]
  ? Column
  : T extends object
    ? { [Key in keyof T]: InColumns<T[Key]> }
    : T;

const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array } as const;
type Told = [type: keyof typeof TYPES, offset: number, count: number];

/** The answer with its columns as typed arrays over the same memory: nothing is copied or parsed a number at a time. */
export function decoded(content: ArrayBuffer): unknown {
  const length = new DataView(content).getUint32(0, true);
  const body = 4 + length;
  const column = ([type, offset, count]: Told) => new TYPES[type](content, body + offset, count);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)), (_, value) =>
    isTold(value) ? column(value) : value,
  );
}

const isTold = (value: unknown): value is Told =>
  Array.isArray(value) && typeof value[0] === "string" && value[0] in TYPES && typeof value[1] === "number";
