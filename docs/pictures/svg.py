"""Turns a captured terminal pane (text with SGR colours, from standard input) into an SVG."""
import html
import re
import sys
import unicodedata

COLOURS = {30: "#3b4252", 31: "#ff6b6b", 32: "#5bd68a", 33: "#f2c94c", 34: "#6cb6ff", 35: "#d292ff", 36: "#56d4dd", 37: "#d8dee9", 90: "#8b949e",
           91: "#ff6b6b", 92: "#5bd68a", 93: "#f2c94c", 94: "#6cb6ff", 95: "#d292ff", 96: "#56d4dd", 97: "#ffffff"}
PALETTE = {0: 30, 1: 31, 2: 32, 3: 33, 4: 34, 5: 35, 6: 36, 7: 37, 8: 90, 9: 91, 10: 92, 11: 93, 12: 94, 13: 95, 14: 96, 15: 97}
WIDTH, HEIGHT, MARGIN = 8.43, 18, 14


def runs(line):
    """Pieces of one line as (text, colour, bold)."""
    colour, bold, at = None, False, 0
    for match in re.finditer(r"\x1b\[([0-9;:]*)m", line):
        if match.start() > at:
            yield line[at:match.start()], colour, bold
        at = match.end()
        codes = [int(c or 0) for c in re.split("[;:]", match.group(1))]
        while codes:
            code = codes.pop(0)
            if code == 0:
                colour, bold = None, False
            elif code == 1:
                bold = True
            elif code in COLOURS:
                colour = COLOURS[code]
            elif code == 39:
                colour = None
            elif code == 38 and codes[:1] == [5]:
                colour, codes = COLOURS.get(PALETTE.get(codes[1], 90)), codes[2:]
    if at < len(line):
        yield line[at:], colour, bold


def cells(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


lines = sys.stdin.read().rstrip("\n").split("\n")
columns = max(cells(re.sub(r"\x1b\[[0-9;:]*m", "", line).rstrip()) for line in lines)
width, height = columns * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">')
print(f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/><g font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="14" fill="#d8dee9" xml:space="preserve">')
for row, line in enumerate(lines):
    column = 0
    for text, colour, bold in runs(line):
        if text.strip():
            style = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if bold else "")
            print(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{MARGIN + (row + 0.75) * HEIGHT:.1f}" textLength="{cells(text) * WIDTH:.1f}"{style}>{html.escape(text)}</text>')
        column += cells(text)
print("</g></svg>")
