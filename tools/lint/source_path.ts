/** Paths as the rules see them: relative to the root of the project, with forward slashes. */

const ROOT = new URL("../../", import.meta.url);

/** `filename` relative to the root, or `undefined` when it lies outside of it. */
export function pathFromRoot(filename: string): string | undefined {
  const root = decodeURIComponent(ROOT.pathname);
  return filename.startsWith(root) ? filename.slice(root.length) : undefined;
}

/** What `specifier` names when it stands in `importer`; bare names stay as they are. */
export function resolveSpecifier(specifier: string, importer: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const resolved = new URL(specifier, new URL(importer, "file:///"));
  return decodeURIComponent(resolved.pathname.slice(1));
}
