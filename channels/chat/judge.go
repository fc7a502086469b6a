package chat

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
)

// Rule is what one of a platform's codes means. The first rule of a list that fits counts.
type Rule struct {
	// Code is the platform's, "" for any; Says is a part of its words, in lower case, ""
	// for any: some platforms use one code for several things.
	Code, Says string
	Class      channels.Class
	Reason     string
	Wait       time.Duration
}

// Answer is what a platform answered in JSON.
type Answer map[string]any

// Read reads an answer that is exactly one JSON object; nil for anything else.
func Read(res channels.Response) Answer {
	if res.Partial {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(res.Body))
	d.UseNumber()
	var a Answer
	if d.Decode(&a) != nil {
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		return nil
	}
	return a
}

// Text is a text or a number at the top of the answer; "" when there is none.
func (a Answer) Text(name string) string {
	switch v := a[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Seconds is a number of seconds at the top of the answer; 0 when there is none.
func (a Answer) Seconds(name string) time.Duration {
	n, ok := a[name].(json.Number)
	if !ok {
		return 0
	}
	seconds, err := n.Float64()
	if err != nil || seconds < 0 || seconds > float64(24*time.Hour/time.Second) {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// Failed is the failure that the rules make of the platform's code and words; a code that
// none knows is never success.
func (c Call) Failed(rules []Rule, code, words string) *channels.Error {
	said := strings.ToLower(words)
	for _, r := range rules {
		if (r.Code == "" || r.Code == code) && strings.Contains(said, r.Says) {
			return &channels.Error{Class: r.Class, Reason: r.Reason, Wait: r.Wait, Code: c.Code(code), Message: c.Words(words)}
		}
	}
	return channels.UnknownCode(c.Message.Attempt, c.Code(code), c.Words(words))
}

// Unreadable is the failure of an answer that says nothing: the status's own, or
// ambiguous after a 2xx. Its text is shown to nobody.
func Unreadable(res channels.Response) *channels.Error {
	if e := res.Failure(); e != nil {
		return e
	}
	return &channels.Error{Class: channels.Ambiguous, Reason: "unreadable_answer"}
}

// ByCode judges a platform that answers a JSON object whose member name is 0 for success.
// Errors may come with any status; only 2xx can be a success.
func (c Call) ByCode(res channels.Response, rules []Rule, name, words string) (channels.Receipt, *channels.Error) {
	a := Read(res)
	code := a.Text(name)
	switch {
	case code == "" || code == "0" && res.Failure() != nil:
		return channels.Receipt{}, Unreadable(res)
	case code == "0":
		return channels.Receipt{Class: channels.Delivered, Code: code, Message: c.Words(a.Text(words))}, nil
	}
	failure := c.Failed(rules, code, a.Text(words))
	if failure.Class == channels.RateLimited && res.Announced {
		failure.Wait = max(failure.Wait, res.RetryAfter)
	}
	return channels.Receipt{}, failure
}
