import type { Errno } from "./errno.ts";
import { PROBLEMS, type ProblemCode, type ProblemParams } from "./problems.ts";

/**
 * A refusal as a value: what was found, what is allowed, what to do next. Never thrown: `throw` is for bugs.
 * `errno` is Xen's name where Xen has one; `seq` is the event that recorded the refusal, where one did.
 */
export class Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly hint: string;
  readonly errno: Errno | null;
  readonly seq: number | null;

  constructor(code: ProblemCode, detail: string, hint: string, errno: Errno | null, seq: number | null) {
    this.code = code;
    this.detail = detail;
    this.hint = hint;
    this.errno = errno;
    this.seq = seq;
  }

  /** The same problem, pointing at the event that recorded it. */
  recordedAt(seq: number): Problem {
    return new Problem(this.code, this.detail, this.hint, this.errno, seq);
  }

  /** The same problem, told of a file or another place. */
  of(place: string): Problem {
    return new Problem(this.code, `${place}: ${this.detail}`, this.hint, this.errno, this.seq);
  }

  /** The same problem, with Xen's errno. */
  withErrno(errno: Errno | null): Problem {
    return new Problem(this.code, this.detail, this.hint, errno, this.seq);
  }
}

/** Makes the problem `code` of the catalogue, its detail filled from `params`. */
export function problem<Code extends ProblemCode>(
  code: Code,
  params: ProblemParams<Code>,
  errno: Errno | null = null,
): Problem {
  const entry = PROBLEMS[code] as { detail: (p: ProblemParams<Code>) => string; hint: string };
  return new Problem(code, entry.detail(params), entry.hint, errno, null);
}

/** The refusal of a request for the one thing that is wrong with it: what was found, and what is allowed. */
export function refusedRequest(issue: string): Problem {
  return problem("request-invalid", { issues: [issue] });
}

/** Whether a result is a refusal. */
export function isProblem(value: unknown): value is Problem {
  return value instanceof Problem;
}

/** What each item of a list is read as, or the first refusal; a list that is not given is empty. */
export function readEach<Item, Value>(
  items: readonly Item[] | undefined,
  read: (item: Item) => Value | Problem,
): Value[] | Problem {
  const values: Value[] = [];
  for (const item of items ?? []) {
    const value = read(item);
    if (isProblem(value)) return value;
    values.push(value);
  }
  return values;
}
