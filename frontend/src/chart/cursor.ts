// The cursor that all charts of a page share: an x on their common axis. A click pins it, the next click releases it.

export type CursorState = { x: number | undefined; isPinned: boolean };

export class Cursor {
  private state: CursorState = { x: undefined, isPinned: false };
  private readonly listeners = new Set<() => void>();

  readonly now = (): CursorState => this.state;

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Follows the pointer, or clears the cursor where the pointer leaves; a pinned cursor stays. */
  move(x: number | undefined): void {
    if (!this.state.isPinned && x !== this.state.x) this.set({ x, isPinned: false });
  }

  /** Pins the cursor here, or releases a pinned one. */
  pin(x: number | undefined): void {
    this.set(this.state.isPinned || x === undefined ? { x, isPinned: false } : { x, isPinned: true });
  }

  /** Moves the cursor by keyboard, pinned or not. */
  step(x: number): void {
    this.set({ x, isPinned: this.state.isPinned });
  }

  release(): void {
    this.set({ x: undefined, isPinned: false });
  }

  private set(state: CursorState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
