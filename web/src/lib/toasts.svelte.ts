// Short messages at the edge of the page; one that can be undone stays longer.

export interface Toast {
  id: number;
  text: string;
  isFailure: boolean;
  undo?: (() => void) | undefined;
}

const SECONDS = 5;
const SECONDS_TO_UNDO = 10;

class Toasts {
  list = $state<Toast[]>([]);
  private last = 0;

  say(text: string, undo?: () => void): void {
    this.add({ text, isFailure: false, undo });
  }

  /** Show an error's own sentence. */
  fail(error: unknown): void {
    this.add({ text: error instanceof Error ? error.message : String(error), isFailure: true });
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  private add(toast: Omit<Toast, "id">): void {
    const id = (this.last += 1);
    this.list = [...this.list.slice(-2), { ...toast, id }];
    setTimeout(() => this.drop(id), (toast.undo ? SECONDS_TO_UNDO : SECONDS) * 1000);
  }
}

export const toasts = new Toasts();
