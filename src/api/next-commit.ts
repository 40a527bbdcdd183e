import type { ApiContext } from "./context.ts";

/** Waits until the log goes on behind `seq`, or the caller has gone, or the server closes. */
export function nextCommit(
  { control, closing }: Pick<ApiContext, "control" | "closing">,
  seq: number,
  gone: AbortSignal,
): Promise<void> {
  if (control.headSeq > seq || gone.aborted || closing.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      gone.removeEventListener("abort", done);
      closing.removeEventListener("abort", done);
      resolve();
    };
    const stop = control.onCommitted((headSeq) => {
      if (headSeq > seq) done();
    });
    gone.addEventListener("abort", done);
    closing.addEventListener("abort", done);
  });
}
