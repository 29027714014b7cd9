// Leaves out what our pages do not use of the KERN design system. To use another component
// or icon, add its name; a test holds the templates to these lists.
import type { AtRule, Declaration, Plugin, Rule } from "postcss";

/** Components: the class without `kern-` and without what follows `__` or `--`. */
const COMPONENTS = new Set([
  "accordion",
  "alert",
  "badge",
  "body",
  "btn",
  "card",
  "description-list",
  "description-list-item",
  "dialog",
  "divider",
  "error",
  "fieldset",
  "form-check",
  "form-input",
  "heading-display",
  "heading-large",
  "heading-medium",
  "heading-small",
  "heading-x-large",
  "hint",
  "icon",
  "label",
  "link",
  "list",
  "loader",
  "number",
  "preline",
  "progress",
  "sr-only",
  "subline",
  "summary",
  "summary-group",
  "table",
  "table-responsive",
  "task-list",
  "title",
]);

/** Icons: what follows `kern-icon--`. */
const ICONS = new Set([
  "add",
  "arrow-back",
  "arrow-down",
  "arrow-forward",
  "arrow-up",
  "autorenew",
  "check",
  "close",
  "content-copy",
  "danger",
  "default",
  "delete",
  "download",
  "edit",
  "help",
  "info",
  "large",
  "logout",
  "mail",
  "open-in-new",
  "search",
  "small",
  "success",
  "visibility",
  "visibility-off",
  "warning",
  "x-large",
]);

export function keepUsedStyles(): Plugin {
  return {
    postcssPlugin: "keep-used-styles",
    OnceExit(root) {
      root.walkRules((rule) => {
        const kept = rule.selectors.filter(isUsed);
        if (kept.length === 0) removeWithEmptyParents(rule);
        else if (kept.length < rule.selectors.length) rule.selectors = kept;
      });
      root.walkComments((comment) => void comment.remove());
      while (removeUnreadProperties(root)) continue;
    },
  };
}

function isUsed(selector: string): boolean {
  const outside = selector.replace(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, "");
  for (const [, name] of outside.matchAll(/\.kern-([\w-]+)/g)) {
    const [component, icon] = (name ?? "").split(/__|--/);
    if (!COMPONENTS.has(component ?? "")) return false;
    if (component === "icon" && icon !== undefined && !ICONS.has(icon)) return false;
  }
  return !/\[data-kern-theme/.test(outside);
}

/** Removes the custom properties of KERN that no declaration reads; tells whether any was. */
function removeUnreadProperties(root: Parameters<NonNullable<Plugin["OnceExit"]>>[0]): boolean {
  const read = new Set<string>();
  const declared: Declaration[] = [];
  root.walkDecls((declaration) => {
    for (const [, name] of declaration.value.matchAll(/var\(\s*(--[\w-]+)/g)) read.add(name ?? "");
    if (declaration.prop.startsWith("--kern-")) declared.push(declaration);
  });
  const unread = declared.filter(({ prop }) => !read.has(prop));
  for (const declaration of unread) {
    const parent = declaration.parent as Rule;
    declaration.remove();
    if (parent.nodes.length === 0) removeWithEmptyParents(parent);
  }
  return unread.length > 0;
}

function removeWithEmptyParents(rule: Rule): void {
  const parent = rule.parent as AtRule | undefined;
  rule.remove();
  if (parent?.type === "atrule" && parent.nodes?.length === 0) parent.remove();
}
