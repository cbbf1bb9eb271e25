// How a place of the paper, and an issue on GitHub, are written.

/** "4.2" → "sec. 4.2"; "Table 1" and "Footnote 3" say themselves what they are. */
export const cited = (section: string): string => (/^\d/.test(section) ? `sec. ${section}` : section);

/** "pytorch/vision#191" → its address; GitHub leads from an issue's to a pull request's. */
export const issueAddress = (issue: string): string => `https://github.com/${issue.replace("#", "/issues/")}`;
