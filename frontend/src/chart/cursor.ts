// The cursor that all charts of a page share: an x of their common axis, pinned by a click until the next.

export type Place = { x: number | undefined; isPinned: boolean };

export class Cursor {
  private place: Place = { x: undefined, isPinned: false };
  private readonly listeners = new Set<() => void>();

  readonly now = (): Place => this.place;

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** A pointer moves it, or leaves; a pinned one stays where it is. */
  move(x: number | undefined): void {
    if (!this.place.isPinned && x !== this.place.x) this.set({ x, isPinned: false });
  }

  /** Pins it here, or lets it go. */
  pin(x: number | undefined): void {
    this.set(this.place.isPinned || x === undefined ? { x, isPinned: false } : { x, isPinned: true });
  }

  /** The keyboard moves it, pinned or not. */
  step(x: number): void {
    this.set({ x, isPinned: this.place.isPinned });
  }

  release(): void {
    this.set({ x: undefined, isPinned: false });
  }

  private set(place: Place): void {
    this.place = place;
    for (const listener of this.listeners) listener();
  }
}
