// What the server is working on: asked often while something runs, rarely otherwise, never in a hidden tab.

import { call, type Schemas } from "./api";

const BUSY_MS = 2000;
const IDLE_MS = 10_000;

class Work {
  job = $state<Schemas["Job"] | null>(null);
  /** Grows when a job has ended: lists may have changed. */
  finished = $state(0);
  /** Grows with every look. */
  looks = $state(0);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchers = 0;

  /** Look as long as somebody watches. Returns how to stop. */
  watch(): () => void {
    this.watchers += 1;
    if (this.watchers === 1) void this.look();
    return () => {
      this.watchers -= 1;
      if (this.watchers === 0) clearTimeout(this.timer);
    };
  }

  /** Look at once, after something was started. */
  soon(): void {
    clearTimeout(this.timer);
    void this.look();
  }

  private async look(): Promise<void> {
    if (document.visibilityState === "visible") {
      try {
        const answer = await call<Schemas["Availability"]>("/api/rqavailable/");
        if (this.job && this.job.job_id !== answer.job_detail?.job_id) this.finished += 1;
        this.job = answer.job_detail;
        this.looks += 1;
      } catch {
        // The server is away or the session has ended: whoever acts next is told.
      }
    }
    clearTimeout(this.timer);
    if (this.watchers > 0) this.timer = setTimeout(() => void this.look(), this.job ? BUSY_MS : IDLE_MS);
  }
}

export const work = new Work();
