// Suggests a data set's name from its archive's name: "My Digits.tar.gz" → "my-digits".

export function nameFrom(file: string): string {
  return file
    .toLowerCase()
    .replace(/\.(zip|tar|tgz|txz|tar\.gz|tar\.xz)$/, "")
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 64);
}
