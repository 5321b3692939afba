import { toasts } from "./toasts.svelte";

/** Put a text on the clipboard and say so; plain http without a clipboard leaves it to the reader. */
export async function copyText(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.say(said);
  } catch (error) {
    toasts.fail(error);
  }
}
