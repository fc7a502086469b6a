/**
 * What happens when the server says that nobody is signed in. While pages of the console are
 * open, the shell puts a dialog over them (what was typed stays) and the request goes out
 * again; elsewhere it fails.
 */
type Renew = () => Promise<void>;

let renew: Renew | undefined;
let pending: Promise<void> | undefined;

/** Sets who signs in again; returns how to take it back. */
export function onSignedOut(handler: Renew): () => void {
  renew = handler;
  return () => {
    if (renew === handler) renew = undefined;
  };
}

/** Waits until somebody signed in again; false where nobody can be asked. All requests wait for one dialog. */
export async function signedInAgain(): Promise<boolean> {
  if (!renew) return false;
  pending ??= renew().finally(() => {
    pending = undefined;
  });
  try {
    await pending;
    return true;
  } catch {
    return false;
  }
}
