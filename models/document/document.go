// Package document is a message as its template's body says it: blocks of runs, each the
// template's own or a value of others. It is parsed before values are put in, so that no
// value can become a block, a link or markup; what is sent is a rendition of it, written by
// one writer per format, which alone escapes.
package document

import (
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/models/text"
)

// Format is a rendition of a message type's texts that a channel takes.
type Format string

// Formats. The zero value stands for all of them.
const (
	// Mail is a subject with plain text and HTML in a frame.
	Mail Format = "email"
	// Short is one line, for SMS.
	Short Format = "short"
	// Data is title and body in plain text, for programs.
	Data Format = "json"
	// Chat is a Document, which the adapter writes in its platform's markup.
	Chat Format = "chat"
)

// Run is a piece of text.
type Run struct {
	Text string
	// Theirs says that it is a value: others wrote it. It may hold line feeds.
	Theirs bool
}

// Kind is what a block is.
type Kind string

// Kinds of blocks.
const (
	Paragraph Kind = "paragraph"
	// Fact is a label with its value.
	Fact Kind = "fact"
	// Notice is a paragraph that warns.
	Notice Kind = "notice"
	// Heading begins the section of one notification among several.
	Heading Kind = "heading"
)

// Block is one line of a body.
type Block struct {
	Kind Kind
	// Label is a fact's, the template's own; Mark is what stands behind it: "：" or ": ".
	Label, Mark string
	Runs        []Run
	// Apart says that an empty line stands before it.
	Apart bool
}

// Document is a message with what stands around its blocks.
type Document struct {
	// Severity is the word for it: "Urgent".
	Severity string
	// Critical and Warning say how the word is coloured.
	Critical, Warning bool
	// Title is one line. Others wrote parts of it.
	Title  string
	Blocks []Block
	// Link is absolute, "" for none; Open is the word for it.
	Link, Open string
	// Footer says who sent it, and why.
	Footer []string
}

// String is the block's text as it is read, without markup.
func (b Block) String() string {
	var s strings.Builder
	s.WriteString(b.Label + b.Mark)
	for _, r := range b.Runs {
		s.WriteString(r.Text)
	}
	return s.String()
}

// Plain is the plain text of the blocks: the rendition that inboxes show.
func Plain(blocks []Block) string {
	var s strings.Builder
	for i, b := range blocks {
		switch {
		case i > 0 && b.Apart:
			s.WriteString("\n\n")
		case i > 0:
			s.WriteString("\n")
		}
		s.WriteString(b.String())
	}
	return s.String()
}

// Head returns the beginning of the block in at most limit code points of its value, up to
// where people see a character end, with a mark that it was cut.
func (b Block) Head(limit int) Block {
	var kept []Run
	for _, r := range b.Runs {
		n := utf8.RuneCountInString(r.Text)
		if n > limit {
			kept = append(kept, Run{strings.TrimSpace(text.Head(r.Text, limit)), r.Theirs})
			break
		}
		kept, limit = append(kept, r), limit-n
	}
	b.Runs = append(kept, Run{Text: text.Mark})
	return b
}

// Len is how many code points Head counts.
func (b Block) Len() int {
	n := 0
	for _, r := range b.Runs {
		n += utf8.RuneCountInString(r.Text)
	}
	return n
}
