// Pictures that a person brings: from a file, by dropping, by pasting.

// The API takes no larger one.
export const MOST_BYTES = 4 * 1024 * 1024;

/** The first picture among what was dropped or pasted. */
export const pictureIn = (files: FileList | null | undefined): File | undefined =>
  [...(files ?? [])].find(({ type }) => type.startsWith("image/"));

/** Why it cannot be classified; undefined where it can. */
export function whyNot({ type, size }: Pick<File, "type" | "size">): string | undefined {
  if (!type.startsWith("image/")) return "This is no picture.";
  if (size > MOST_BYTES) return `A picture may have 4 MB; this one has ${(size / 1024 / 1024).toFixed(1)}.`;
  return undefined;
}

type Box = { width: number; height: number };

/** The part of a picture that a network sees, and how large it sees it: CIFAR's all of it, ImageNet's its middle. */
export function seenOf({ width, height }: Box, family: "cifar" | "imagenet") {
  if (family === "cifar") return { x: 0, y: 0, width, height, side: 32 };
  // The shorter side becomes 256, then 224×224 of the middle (sec. 3.4).
  const part = (Math.min(width, height) * 224) / 256;
  return { x: (width - part) / 2, y: (height - part) / 2, width: part, height: part, side: 224 };
}
