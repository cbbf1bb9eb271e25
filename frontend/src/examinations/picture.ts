// Pictures that you bring as a file, by dropping or by pasting.

// The API's limit.
export const MOST_BYTES = 4 * 1024 * 1024;

/** The first picture among dropped or pasted files. */
export const pictureIn = (files: FileList | null | undefined): File | undefined =>
  [...(files ?? [])].find(({ type }) => type.startsWith("image/"));

/** Why a file can't be classified; undefined if it can. */
export function whyNot({ type, size }: Pick<File, "type" | "size">): string | undefined {
  if (!type.startsWith("image/")) return "This file is not a picture. Choose an image file.";
  if (size > MOST_BYTES) return `This picture has ${(size / 1024 / 1024).toFixed(1)} MB; the limit is 4 MB.`;
  return undefined;
}

type Box = { width: number; height: number };

/** The part of a picture that a network sees, and its size in pixels: all of it for CIFAR, the centre for ImageNet. */
export function visiblePart({ width, height }: Box, family: "cifar" | "imagenet") {
  if (family === "cifar") return { x: 0, y: 0, width, height, side: 32 };
  // The shorter side becomes 256, then comes a 224×224 centre crop (sec. 3.4).
  const part = (Math.min(width, height) * 224) / 256;
  return { x: (width - part) / 2, y: (height - part) / 2, width: part, height: part, side: 224 };
}
