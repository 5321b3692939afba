// Who is signed in. Stays so across reloads by a cookie that no script can read.

import { ApiFailure, call, claims, obtain, onSignedOut, refresh, signOut as endSession, type Schemas } from "./api";
import { strings } from "./i18n.svelte";
import { router } from "./router.svelte";
import { toasts } from "./toasts.svelte";

/** The access token and the cookie of the pictures live five minutes. */
const RENEW_SECONDS = 240;

type State = "starting" | "first-run" | "signed-out" | "signed-in" | "unreachable";

class Session {
  state = $state<State>("starting");
  user = $state<Schemas["FullUser"]>();
  /** Counts renewals of the pictures' cookie: what failed to load may try again. */
  renewals = $state(0);
  private timer: ReturnType<typeof setInterval> | undefined;

  async start(): Promise<void> {
    this.state = "starting";
    try {
      if (await refresh()) {
        await this.enter();
        return;
      }
      const setup = await call<{ isFirstTimeSetup: boolean }>("/api/firsttimesetup/");
      this.state = setup.isFirstTimeSetup ? "first-run" : "signed-out";
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      this.state = error.isUnreachable || error.status >= 500 ? "unreachable" : "signed-out";
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    await obtain(username, password);
    await this.enter();
  }

  async signOut(everywhere = false): Promise<void> {
    if (everywhere) await call("/api/auth/sessions/", { method: "DELETE" });
    await endSession();
    this.leave();
    router.go("/");
  }

  async reloadUser(): Promise<void> {
    this.user = await call<Schemas["FullUser"]>(`/api/user/${claims().userId}/`);
  }

  /** The screens need not wait for what is known of the account: their photos are asked for meanwhile. */
  private async enter(): Promise<void> {
    onSignedOut(() => {
      if (this.state !== "signed-in") return;
      toasts.fail(new Error(strings.t.errors.sessionEnded));
      this.leave();
    });
    this.state = "signed-in";
    clearInterval(this.timer);
    this.timer = setInterval(() => void this.renew(), RENEW_SECONDS * 1000);
    document.addEventListener("visibilitychange", this.onVisible);
    try {
      await this.reloadUser();
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  private leave(): void {
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.user = undefined;
    this.state = "signed-out";
  }

  /** A laptop that slept comes back with an old cookie. */
  private onVisible = (): void => {
    if (document.visibilityState === "visible") void this.renew();
  };

  private async renew(): Promise<void> {
    try {
      if (await refresh()) this.renewals += 1;
      else this.leave();
    } catch {
      // The server is away: the next call says so, and the next renewal tries again.
    }
  }
}

export const session = new Session();
