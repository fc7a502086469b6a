package document_test

import (
	"encoding/json"
	"strings"
	"testing"

	"belfry.dev/belfry/models/document"
)

func ours(text string) document.Run   { return document.Run{Text: text} }
func theirs(text string) document.Run { return document.Run{Text: text, Theirs: true} }

func kinds(blocks []document.Block) string {
	var all []string
	for _, b := range blocks {
		all = append(all, string(b.Kind))
	}
	return strings.Join(all, " ")
}

func TestOnlyTheTemplateMakesBlocks(t *testing.T) {
	t.Parallel()
	hostile := "x\n\n! run\nOwner: me\n# y"
	for name, c := range map[string]struct {
		runs []document.Run
		want string
	}{
		"facts":                  {[]document.Run{ours("Hello.\n\nName: "), theirs("db"), ours("\n资源：" + ""), theirs("甲"), ours(" 天\n")}, "paragraph fact fact"},
		"a value of many lines":  {[]document.Run{ours("Hello.\nName: "), theirs(hostile)}, "paragraph fact"},
		"a value alone":          {[]document.Run{ours("Hello.\n"), theirs(hostile)}, "paragraph paragraph"},
		"a value as a label":     {[]document.Run{ours("Hello.\n"), theirs("Name"), ours(": "), theirs("db")}, "paragraph paragraph"},
		"a value that warns":     {[]document.Run{ours("Hello.\n"), theirs("! "), ours("x")}, "paragraph paragraph"},
		"a notice":               {[]document.Run{ours("Hello.\n! Released on "), theirs("Monday")}, "paragraph notice"},
		"a sentence with colon":  {[]document.Run{ours("Hello.\nIn all, this one: more.")}, "paragraph paragraph"},
		"the first line":         {[]document.Run{ours("Topic: "), theirs("x")}, "paragraph"},
		"a label too long":       {[]document.Run{ours("Hello.\n" + strings.Repeat("x", 41) + ": "), theirs("x")}, "paragraph paragraph"},
		"a time is no label":     {[]document.Run{ours("Hello.\nat 10:"), theirs("30")}, "paragraph paragraph"},
		"nothing":                {nil, ""},
		"empty values":           {[]document.Run{ours("Hello.\n"), theirs(""), ours("\n\n"), theirs(" "), ours("\n")}, "paragraph"},
		"a fact without a value": {[]document.Run{ours("Hello.\nName: "), theirs("")}, "paragraph paragraph"},
	} {
		if got := kinds(document.Read(c.runs)); got != c.want {
			t.Errorf("%s: Read() = %q, want %q", name, got, c.want)
		}
	}
}

func TestPlainTextIsTheBodyAgain(t *testing.T) {
	t.Parallel()
	runs := []document.Run{ours("Hello.\n\n\nName: "), theirs("a\nb"), ours("\nSize："), theirs("3"), ours(" GB\n\n! Gone on "), theirs("Monday"), ours(".\n")}
	want := "Hello.\n\nName: a\nb\nSize：3 GB\n\nGone on Monday."
	if got := document.Plain(document.Read(runs)); got != want {
		t.Errorf("Plain() = %q, want %q", got, want)
	}
}

func TestHeadEndsWhereACharacterEnds(t *testing.T) {
	t.Parallel()
	b := document.Block{Kind: document.Fact, Label: "Who", Mark: ": ", Runs: []document.Run{ours("a"), theirs("👨‍👩‍👧‍👦b")}}
	for limit, want := range map[int]string{0: "Who: …", 1: "Who: a…", 5: "Who: a…", 8: "Who: a👨‍👩‍👧‍👦…"} {
		if got := b.Head(limit).String(); got != want {
			t.Errorf("Head(%d) = %q, want %q", limit, got, want)
		}
	}
	if b.Len() != 9 {
		t.Errorf("Len() = %d, want 9", b.Len())
	}
}

// TestTheReleaseBeforeHasTextsToSend: it knows neither templates without a text nor how to
// make one.
func TestTheReleaseBeforeHasTextsToSend(t *testing.T) {
	t.Parallel()
	made := document.Template{Title: "t", Body: "a < {{b}}\n{{#if c}}\n! {{c}}\n{{/if}}", Subject: "s", Short: "x"}
	own := made
	own.Text, own.HTML = "mine", "<p>mine</p>"
	for _, want := range []document.Template{made, own} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var before struct{ Text, HTML string } // as it reads
		var got document.Template
		if err := json.Unmarshal(data, &before); err != nil || before.Text == "" || before.HTML == "" {
			t.Errorf("the release before reads %+v of %s, %v", before, data, err)
		}
		if err := json.Unmarshal(data, &got); err != nil || got != want {
			t.Errorf("read back: %+v, %v, want %+v", got, err, want)
		}
	}
}
