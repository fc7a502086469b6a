package channeltest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
)

// Chat is what the suite must know about the adapter of a chat platform, beside HTTP.
type Chat struct {
	HTTP
	// Answers are the platform's documented ones.
	Answers []Answer
	// Shown is the text of a request as it was written, markup included.
	Shown func(body []byte) string
	// Size is what the platform counts of a request, and Limit what it takes.
	Size  func(body []byte) int
	Limit int
	// Hosts are good addresses of bots; Others are refused.
	Hosts, Others []string
	// Setting is the setting that holds the address.
	Setting string
}

// Answer is an answer of a platform, and what it means.
type Answer struct {
	Status int // 0 stands for 200
	Header http.Header
	Body   string
	Class  channels.Class
	Reason string
	// Wait is the least one.
	Wait time.Duration
	// Calls are how many requests the attempt makes; 0 stands for 1.
	Calls int
}

// RunChat runs the suite for a chat platform.
func RunChat(t *testing.T, c Chat) {
	RunHTTP(t, c.HTTP)
	t.Run("documented answers", c.answers)
	t.Run("COM-2 unknown code", c.unknownCode)
	t.Run("RND-6 RND-8 cut", c.cut)
	t.Run("an unknown outcome is repeated once", c.once)
	t.Run("guide and hosts", c.describes)
}

func (c Chat) answers(t *testing.T) {
	t.Parallel()
	for _, a := range c.Answers {
		t.Run(a.Reason+" "+a.Body, func(t *testing.T) {
			t.Parallel()
			s := NewSink(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range a.Header {
					w.Header()[name] = values
				}
				w.WriteHeader(max(a.Status, 200))
				_, _ = io.WriteString(w, a.Body)
			})
			receipt, err := c.send(t, s, Message(""))
			if a.Class == channels.Delivered || a.Class == channels.Accepted {
				if err != nil || receipt.Class != a.Class {
					t.Errorf("Send() = %+v, %v, want %s", receipt, err, a.Class)
				}
				return
			}
			if e := Failed(t, err); e.Class != a.Class || e.Reason != a.Reason || e.Wait < a.Wait {
				t.Errorf("Send() = %+v, want %s: %s after %s", *e, a.Class, a.Reason, a.Wait)
			}
			if n := len(s.Requests()); n != max(a.Calls, 1) {
				t.Errorf("the attempt made %d requests, want %d", n, max(a.Calls, 1))
			}
		})
	}
}

func (c Chat) unknownCode(t *testing.T) {
	t.Parallel()
	if c.Answers == nil || !c.ReadsBody {
		t.Skip("the platform has no codes")
	}
	body := strings.NewReplacer(":0", ":987654", `"ok":true`, `"ok":false`, `"ok"`, `"odd"`).Replace(c.OK)
	if !strings.HasPrefix(body, "{") {
		body = "a_word_that_nobody_knows"
	}
	for attempt, want := range map[int]channels.Class{1: channels.Retry, 2: channels.Retry, 3: channels.Permanent} {
		m := Message("")
		m.Attempt = attempt
		_, err := c.send(t, c.answering(t, 200, body), m)
		if e := Failed(t, err); e.Class != want || e.Reason != "unknown_provider_code" {
			t.Errorf("attempt %d: Send() = %+v, want %s: unknown_provider_code", attempt, *e, want)
		}
	}
}

// cut has a text that no platform takes: the beginning of it arrives, with title, link and
// reference, whole characters only, and the same bytes each time.
func (c Chat) cut(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧‍👦"
	for name, value := range map[string]string{
		"emoji": strings.Repeat("a"+family, 6000), "markup": strings.Repeat("**[a](http://b) <at> `_~|\\ & \"\n", 6000),
		"Chinese": strings.Repeat("告警", 20000), "lines": strings.Repeat("- x\n", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.answering(t, 200, c.OK)
			for range 2 {
				if _, err := c.send(t, s, c.long(value)); err != nil {
					t.Fatal(err)
				}
			}
			got := s.Requests()
			if !bytes.Equal(stamps(got[0].Body), stamps(got[1].Body)) {
				t.Error("the same message is written differently")
			}
			body, shown := got[0].Body, c.Shown(got[0].Body)
			if n := c.Size(body); n > c.Limit || n < c.Limit/2 {
				t.Errorf("the message has %d of %d", n, c.Limit)
			}
			for _, want := range []string{"Disk full", "https://console.example.com/billing", "#8d9e0f1a", "…"} {
				if !strings.Contains(shown, want) {
					t.Errorf("the message lacks %q: …%.300s", want, shown)
				}
			}
			if !utf8.Valid(body) || strings.Contains(strings.ReplaceAll(shown, family, ""), "👨") {
				t.Error("a character is broken")
			}
		})
	}
}

func (c Chat) long(value string) channels.Message {
	m := Message("")
	m.Rendered.Document = document.Document{
		Severity: "Urgent", Critical: true, Title: "Disk full", Link: m.Rendered.Link, Open: "View details", Footer: []string{"Belfry", "Monitor alert"},
		Blocks: []document.Block{
			{Kind: document.Paragraph, Runs: []document.Run{{Text: "A disk is full."}}},
			{Kind: document.Fact, Label: "Disk", Mark: ": ", Runs: []document.Run{{Text: "sda", Theirs: true}}, Apart: true},
			{Kind: document.Notice, Runs: []document.Run{{Text: "Soon."}}, Apart: true},
			{Kind: document.Paragraph, Runs: []document.Run{{Text: value, Theirs: true}}, Apart: true},
			{Kind: document.Paragraph, Runs: []document.Run{{Text: "the end"}}},
		},
	}
	return m
}

// stamps takes times and signatures out of a body, which differ each time.
func stamps(body []byte) []byte {
	for _, name := range []string{`"timestamp":"`, `"sign":"`} {
		at := bytes.Index(body, []byte(name))
		if at < 0 {
			continue
		}
		from := at + len(name)
		end := from + bytes.IndexByte(body[from:], '"')
		body = append(bytes.Clone(body[:from]), body[end:]...)
	}
	return body
}

func (c Chat) once(t *testing.T) {
	t.Parallel()
	s := NewSink(t, hijack(func(net.Conn) {}))
	m := Message("")
	if e := c.fails(t, s, m); e.Class != channels.Ambiguous {
		t.Errorf("first: Send() = %v, want ambiguous", e)
	}
	m.Attempt = 2
	if e := c.fails(t, s, m); e.Class != channels.Permanent || e.Reason != models.ReasonUnknown {
		t.Errorf("second: Send() = %v, want permanent: %s", e, models.ReasonUnknown)
	}
}

func (c Chat) fails(t *testing.T, s *Sink, m channels.Message) *channels.Error {
	t.Helper()
	_, err := c.send(t, s, m)
	return Failed(t, err)
}

func (c Chat) describes(t *testing.T) {
	t.Parallel()
	sender := c.New(channels.NewClient(channels.GuardConfig{}))
	d := sender.Descriptor()
	en, zh := d.Guide[models.LocaleEN], d.Guide[models.LocaleZH]
	if len(en) < 2 || len(en) != len(zh) || !d.WritesToBots() || !d.Repeatable || d.Format != document.Chat {
		t.Errorf("the descriptor of %s lacks steps in both languages, or is of no bots: %v %v", d.Kind, en, zh)
	}
	setting := c.Setting
	if setting == "" {
		setting = "url"
	}
	check := func(url string) error {
		to := c.Target(url)
		for _, values := range []map[string]string{to.Bot.Secrets, to.Bot.Values, to.Provider.Values} {
			if _, ok := values[setting]; ok {
				values[setting] = url
			}
		}
		return channels.Check(sender, to)
	}
	for _, url := range c.Hosts {
		if err := check(url); err != nil {
			t.Errorf("%s is refused: %v", url, err)
		}
	}
	for _, url := range c.Others {
		if check(url) == nil {
			t.Errorf("%s is taken", url)
		}
	}
}
