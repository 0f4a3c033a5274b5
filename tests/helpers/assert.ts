/**
 * What stands behind the bare name `@std/assert` here: the part of its API that
 * these tests use, over `node:assert/strict`. JSR cannot be reached where this
 * project is built, npm can; where JSR resolves, one line of the import map
 * changes and every test stays as it is (docs/decisions).
 */
import strict from "node:assert/strict";

export { AssertionError } from "node:assert";

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Fails unless `condition` is truthy. */
export function assert(condition: unknown, message?: string): asserts condition {
  strict.ok(condition, message);
}

/** Fails when `condition` is truthy. */
export function assertFalse(condition: unknown, message?: string): asserts condition is false {
  strict.ok(!condition, message ?? "expected a falsy value");
}

/** Deep, strict equality. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  strict.deepStrictEqual(actual, expected, message);
}

/** Fails when both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  strict.notDeepStrictEqual(actual, expected, message);
}

/** `Object.is` equality. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  strict.strictEqual(actual, expected, message);
}

/** Fails for `undefined` and `null`. */
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  strict.ok(actual !== undefined && actual !== null, message ?? "expected a value");
}

/** Fails unless `actual` is an instance of `expected`. */
export function assertInstanceOf<C extends abstract new (...args: never[]) => unknown>(
  actual: unknown,
  expected: C,
  message?: string,
): asserts actual is InstanceType<C> {
  strict.ok(actual instanceof expected, message ?? `expected an instance of ${expected.name}`);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  strict.ok(
    actual.includes(expected),
    message ?? `${JSON.stringify(actual)} does not include ${JSON.stringify(expected)}`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  strict.match(actual, expected, message);
}

/** Fails when `actual` matches `expected`. */
export function assertNotMatch(actual: string, expected: RegExp, message?: string): void {
  strict.doesNotMatch(actual, expected, message);
}

/** Fails unless every property of `expected` is in `actual`, deeply. */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void {
  strict.partialDeepStrictEqual(actual, expected, message);
}

/** Fails unless `actual` holds every item of `expected` (deep equality). */
export function assertArrayIncludes<T>(
  actual: readonly T[],
  expected: readonly T[],
  message?: string,
): void {
  for (const wanted of expected) {
    const found = actual.some((item) => {
      try {
        strict.deepStrictEqual(item, wanted);
        return true;
      } catch {
        return false; // Not this item; the loop goes on to the next one.
      }
    });
    strict.ok(found, message ?? `missing ${Deno.inspect(wanted)}`);
  }
}

/** Fails unless `actual` ≥ `expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  strict.ok(actual >= expected, message ?? `expected ${actual} >= ${expected}`);
}

/** Fails unless `actual` ≤ `expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  strict.ok(actual <= expected, message ?? `expected ${actual} <= ${expected}`);
}

/** Fails unless `actual` > `expected`. */
export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  strict.ok(actual > expected, message ?? `expected ${actual} > ${expected}`);
}

/** Fails unless `actual` < `expected`. */
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  strict.ok(actual < expected, message ?? `expected ${actual} < ${expected}`);
}

/** Fails with `message`, always. */
export function fail(message?: string): never {
  strict.fail(message);
}

/** Fails unless `run` throws an `ErrorClass` whose message includes `msgIncludes`; returns it. */
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): E {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
    return checkThrown(thrown, errorClass, msgIncludes);
  }
  strict.fail("expected the function to throw");
}

/** The same for a promise. */
export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  msgIncludes?: string,
): Promise<E> {
  let outcome: { thrown: unknown } | undefined;
  try {
    await run();
  } catch (error) {
    outcome = { thrown: error };
  }
  if (outcome === undefined) strict.fail("expected the promise to reject");
  return checkThrown(outcome.thrown, errorClass, msgIncludes);
}

function checkThrown<E extends Error>(
  thrown: unknown,
  errorClass: ErrorClass<E> | undefined,
  msgIncludes: string | undefined,
): E {
  strict.ok(thrown instanceof Error, "a non-error was thrown");
  if (errorClass !== undefined) {
    strict.ok(
      thrown instanceof errorClass,
      `expected ${errorClass.name}, got ${thrown.name}: ${thrown.message}`,
    );
  }
  if (msgIncludes !== undefined) assertStringIncludes(thrown.message, msgIncludes);
  return thrown as E;
}
