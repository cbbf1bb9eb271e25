// Writes a figure as PDF for a paper: its SVG on a page of its own size. The PDF library loads at the first use.

/** Lines stay lines and text stays text. */
export async function pdfOf(svg: string): Promise<Blob> {
  const [{ jsPDF }] = await Promise.all([import("jspdf"), import("svg2pdf.js")]);
  const drawing = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const [width, height] = [Number(drawing.getAttribute("width")), Number(drawing.getAttribute("height"))];
  const page = new jsPDF({ unit: "pt", format: [width, height], orientation: "landscape" });
  await page.svg(drawing, { width, height });
  return page.output("blob");
}
