import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Markdown } from "./Markdown";

const htmlOf = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

test("Markdown is formatted, its headings below the page's own", () => {
  expect(htmlOf("# Why\n\nThe **second** seed.")).toMatch(
    /<h3[^>]*>Why<\/h3><p>The <strong>second<\/strong> seed.<\/p>/,
  );
});

test("HTML stays text, and no address runs a script", () => {
  expect(htmlOf("<img src=x onerror=alert(1)> <script>alert(1)</script>")).not.toMatch(/<img|<script/);
  expect(htmlOf("[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x)")).not.toMatch(
    /href="[^"]*(script|data):/i,
  );
});

test("a picture becomes a link, which loads nothing", () => {
  expect(htmlOf("![a curve](https://example.org/curve.png)")).toContain(
    '<a href="https://example.org/curve.png"',
  );
});
