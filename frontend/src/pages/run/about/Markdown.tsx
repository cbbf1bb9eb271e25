// Formats Markdown. What it makes of a text is React elements: no HTML of the text reaches the page.
import Library from "markdown-to-jsx";
import type { ReactNode } from "react";

export function Markdown({ text }: { text: string }) {
  return <Library options={OPTIONS}>{text}</Library>;
}

const Link = ({ href, children }: { href?: string; children?: ReactNode }) => (
  <a href={href} rel="noreferrer nofollow" target="_blank">
    {children}
  </a>
);

/** The page's policy loads no pictures from elsewhere. */
const Picture = ({ src, alt }: { src?: string; alt?: string }) => <Link href={src ?? ""}>{alt || src}</Link>;

/** The page has its own headings of the first and second rank. */
const Heading = ({ children }: { children?: ReactNode }) => <h3>{children}</h3>;

const OPTIONS = {
  disableParsingRawHTML: true,
  forceBlock: true,
  overrides: { a: Link, img: Picture, h1: Heading, h2: Heading },
};
