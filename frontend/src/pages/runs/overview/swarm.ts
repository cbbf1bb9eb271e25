// Where a scatter's points stand sideways. Runs of one depth share a place; drawn on each other, 1,000 look like 10.

/** Pixels. */
type Spot = { x: number; y: number };
type Size = { diameter: number; widest: number };

/**
 * The points' offsets: those at one place spread over the room up to the next place, so that a column is as wide as it
 * is full (a beeswarm, on rows as high as a point). The heights, which are the values, stay; a lone point stays, too.
 * `widest` is how far a column reaches to each side, however much room it has.
 */
export function swarm(spots: readonly Spot[], { diameter, widest }: Size): number[] {
  const columns = grouped([...spots.keys()], (nth) => Math.round((spots[nth] as Spot).x));
  const places = [...columns.keys()].sort((a, b) => a - b);
  const offsets = new Array<number>(spots.length).fill(0);
  places.forEach((place, nth) => {
    const gap = Math.min(
      ...[places[nth - 1], places[nth + 1]].map((next) => Math.abs((next ?? Infinity) - place)),
    );
    const rows = grouped(columns.get(place) ?? [], (at) => Math.round((spots[at] as Spot).y / diameter));
    const most = Math.max(...[...rows.values()].map(({ length }) => length));
    const step = Math.min(diameter, (2 * Math.min(widest, Math.max(gap / 2 - diameter, 0))) / most);
    for (const row of rows.values()) {
      row.forEach((at, position) => {
        offsets[at] = (position - (row.length - 1) / 2) * step;
      });
    }
  });
  return offsets;
}

function grouped(indices: readonly number[], keyOf: (index: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const index of indices) {
    const group = groups.get(keyOf(index)) ?? [];
    groups.set(keyOf(index), group);
    group.push(index);
  }
  return groups;
}
