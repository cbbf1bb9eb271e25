// What the browser's tab says of a page about the paper.

const PAGES: Record<string, string> = {
  tables: "Table",
  figures: "Figure",
  text: "Text",
  claims: "Claims",
  recipes: "Recipe",
  rules: "Rules",
  references: "References",
};

/** "/paper" → "Tables of the paper", "/paper/figures/6" → "Figure 6 of the paper", "/paper/recipes/table-6" → "Recipe table-6 of the paper". */
export function tabOf(pathname: string): string {
  const [, , page = "tables", which] = pathname.replace(/\/$/, "").split("/");
  const title = PAGES[page] ?? "Page";
  const several = title.endsWith("s") || title === "Text" ? title : `${title}s`;
  return `${which ? `${title} ${which}` : several} of the paper`;
}
