// Reads the binary form of curves: a length, JSON, then columns in byte planes.

export type Column = Float32Array | Float64Array | Int32Array;

/** An answer's type in the binary form: each list of numbers is a column. */
export type InColumns<T> = T extends (number | null)[]
  ? Column
  : T extends object
    ? { [Key in keyof T]: InColumns<T[Key]> }
    : T;

const TYPES = { f4: Float32Array, f8: Float64Array, i4: Int32Array } as const;
/** How the JSON describes a column. */
type ColumnRef = [type: keyof typeof TYPES, offset: number, count: number];

/** The answer with its columns as typed arrays over one buffer: no number is parsed or boxed. */
export function decode(content: ArrayBuffer): unknown {
  const length = new DataView(content).getUint32(0, true);
  const body = words(new Uint8Array(content, 4 + length));
  const column = ([type, offset, count]: ColumnRef) => new TYPES[type](body, offset, count);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(content, 4, length)), (_, value) =>
    isColumnRef(value) ? column(value) : value,
  );
}

/** The planes hold the first bytes of all 4-byte words, then all second bytes …: gzip compresses them better so. */
function words(planes: Uint8Array): ArrayBuffer {
  const count = planes.length / 4;
  const body = new Uint8Array(planes.length);
  for (let plane = 0; plane < 4; plane++)
    for (let word = 0, from = plane * count; word < count; word++, from++)
      body[4 * word + plane] = planes[from] as number; // never undefined: from < 4 · count
  return body.buffer;
}

const isColumnRef = (value: unknown): value is ColumnRef =>
  Array.isArray(value) && typeof value[0] === "string" && value[0] in TYPES && typeof value[1] === "number";
