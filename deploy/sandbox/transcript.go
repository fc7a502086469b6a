package sandbox

import (
	"html"
	"regexp"
	"strings"
)

// Marks of the platforms' Markdown and HTML.
var (
	escapes  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+.!>~|-])")
	tags     = regexp.MustCompile(`</?[a-z][^<>]*>`)
	anchors  = regexp.MustCompile(`(?s)<a href="([^"]*)">(.*?)</a>`)
	links    = regexp.MustCompile(`\[([^\]\n]*)\]\(([^)\s]*)\)`)
	headings = regexp.MustCompile(`(?m)^(#{1,6} |> ?)`)
	strong   = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
)

// hidden is where escaped characters stand while marks are taken out: Unicode's private use.
const hidden = 0xE000

// unmarked is Markdown as it is read: marks are gone, and what was escaped is itself.
func unmarked(text string) string {
	text = strings.ReplaceAll(text, "  \n", "\n")
	text = escapes.ReplaceAllStringFunc(text, func(each string) string { return string(hidden + rune(each[1])) })
	text = tags.ReplaceAllString(text, "")
	text = links.ReplaceAllString(text, "$1 ($2)")
	text = headings.ReplaceAllString(text, "")
	text = strong.ReplaceAllString(text, "$1")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= hidden && r < hidden+0x80 {
			return r - hidden
		}
		return r
	}, text))
}

func readWeCom(m message) string {
	if text := m.text("text", "content"); text != "" {
		return text // no Markdown: somebody is mentioned
	}
	return unmarked(m.text("markdown", "content"))
}

func readTelegram(m message) string {
	text := m.text("text")
	if m.text("parse_mode") != "HTML" {
		return text
	}
	text = anchors.ReplaceAllString(text, "$2 ($1)")
	return html.UnescapeString(tags.ReplaceAllString(text, ""))
}

// lined is a card as lines.
func lined(node any) string {
	return strings.TrimSpace(strings.Join(linesOf(node), "\n"))
}

// parts are where cards have texts, in the order in which people see them.
var parts = [...]string{"header", "title", "text", "content", "body", "elements", "inlines", "actions"}

// linesOf reads cards of all platforms: a list of runs is one line, all else lines of their own.
func linesOf(node any) []string {
	switch node := node.(type) {
	case string:
		return []string{node}
	case []any:
		var all []string
		for _, each := range node {
			all = append(all, linesOf(each)...)
		}
		return all
	case map[string]any:
		return linesOfPart(node)
	}
	return nil
}

func linesOfPart(part map[string]any) []string {
	var all []string
	for _, name := range parts {
		all = append(all, linesOf(part[name])...)
	}
	if _, runs := part["inlines"]; runs || part["type"] == "rich_text_section" {
		all = []string{strings.Join(all, "")}
	}
	if link, ok := part["url"].(string); ok && link != strings.Join(all, "") {
		all = []string{strings.TrimSpace(strings.Join(all, "") + " (" + link + ")")}
	}
	return all
}
