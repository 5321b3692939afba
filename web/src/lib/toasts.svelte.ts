// Short messages at the edge of the page; one that can be undone stays longer.

export interface Toast {
  id: number;
  text: string;
  isFailure: boolean;
  /** Work under way: it stays until it is over. */
  isHeld: boolean;
  undo?: (() => void) | undefined;
}

export interface Note {
  say: (text: string) => void;
  close: () => void;
}

const SECONDS = 5;
const SECONDS_TO_UNDO = 10;
/** A sentence that says what to do is read to its end. */
const SECONDS_TO_READ = 12;
const AT_ONCE = 3;

class Toasts {
  list = $state<Toast[]>([]);
  /** Where they can be shown; the last one shows them: what lies under a modal dialog is neither seen nor reached. */
  places = $state.raw<readonly symbol[]>([]);
  private last = 0;

  /** Show them at a place from now on. Returns how to stop. */
  show(place: symbol): () => void {
    this.places = [...this.places, place];
    return () => (this.places = this.places.filter((one) => one !== place));
  }

  say(text: string, undo?: () => void): void {
    this.add({ text, isFailure: false, isHeld: false, undo }, undo ? SECONDS_TO_UNDO : SECONDS);
  }

  /** Show an error's own sentence. */
  fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    // The same thing once, however many pictures asked for it.
    this.list = this.list.filter((toast) => !toast.isFailure || toast.text !== text);
    this.add({ text, isFailure: true, isHeld: false }, SECONDS_TO_READ);
  }

  /** Show what is under way until it is closed. */
  hold(text: string): Note {
    const id = this.add({ text, isFailure: false, isHeld: true });
    return {
      say: (now) => (this.list = this.list.map((toast) => (toast.id === id ? { ...toast, text: now } : toast))),
      close: () => this.drop(id),
    };
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  private add(toast: Omit<Toast, "id">, seconds = 0): number {
    const id = (this.last += 1);
    const passing = this.list.filter((one) => !one.isHeld).slice(-(AT_ONCE - 1));
    this.list = [...this.list.filter((one) => one.isHeld || passing.includes(one)), { ...toast, id }];
    if (seconds) setTimeout(() => this.drop(id), seconds * 1000);
    return id;
  }
}

export const toasts = new Toasts();
