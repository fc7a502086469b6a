package document

import (
	"strings"
	"unicode/utf8"
)

// noticeMark begins a line of a body that warns.
const noticeMark = "! "

// maxLabel is the longest label of a fact, in code points.
const maxLabel = 40

// Read makes blocks of a body's runs: one of each line of the template. Only its own text
// makes them: a line feed in a value ends none, and a value is neither label nor mark. After
// the first line, "Label: value" is a fact; a line that begins with "! " is a notice.
func Read(runs []Run) []Block {
	var blocks []Block
	apart := false
	for _, line := range linesOf(runs) {
		if blank(line) {
			apart = len(blocks) > 0
			continue
		}
		block := read(line, len(blocks) == 0)
		block.Apart, apart = apart, false
		blocks = append(blocks, block)
	}
	return blocks
}

// linesOf splits the runs at the line feeds of the template.
func linesOf(runs []Run) [][]Run {
	lines := [][]Run{nil}
	add := func(r Run) {
		if r.Text != "" {
			lines[len(lines)-1] = append(lines[len(lines)-1], r)
		}
	}
	for _, r := range runs {
		if r.Theirs {
			add(r)
			continue
		}
		for i, piece := range strings.Split(r.Text, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			add(Run{Text: piece})
		}
	}
	return lines
}

func blank(line []Run) bool {
	for _, r := range line {
		if strings.TrimSpace(r.Text) != "" {
			return false
		}
	}
	return true
}

func read(line []Run, first bool) Block {
	own := ""
	if !line[0].Theirs {
		own = line[0].Text
	}
	if rest, notice := strings.CutPrefix(own, noticeMark); notice {
		return Block{Kind: Notice, Runs: append([]Run{{Text: rest}}, line[1:]...)}
	}
	label, mark, rest := labelOf(own)
	if first || label == "" || blank(append([]Run{{Text: rest}}, line[1:]...)) {
		return Block{Kind: Paragraph, Runs: line}
	}
	value := line[1:]
	if rest != "" {
		value = append([]Run{{Text: rest}}, value...)
	}
	for _, r := range value {
		if r.Theirs {
			return Block{Kind: Fact, Label: label, Mark: mark, Runs: value}
		}
	}
	return Block{Kind: Paragraph, Runs: line} // a sentence with a colon
}

// labelOf cuts a label off the text: what stands before its first colon.
func labelOf(own string) (label, mark, rest string) {
	at := strings.IndexAny(own, "：:")
	if at <= 0 || utf8.RuneCountInString(own[:at]) > maxLabel {
		return "", "", own
	}
	for _, mark := range []string{"：", ": "} {
		if rest, found := strings.CutPrefix(own[at:], mark); found {
			return own[:at], mark, rest
		}
	}
	return "", "", own
}
