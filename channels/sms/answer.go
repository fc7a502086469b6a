package sms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/jsonvalue"
)

// reply is a parsed answer; nil when there is none.
type reply struct{ root any }

// parse reads a whole answer that is exactly one JSON object.
func parse(res channels.Response) (reply, bool) {
	if res.Partial {
		return reply{}, false
	}
	d := json.NewDecoder(bytes.NewReader(res.Body))
	d.UseNumber()
	var root map[string]any
	if err := d.Decode(&root); err != nil || root == nil {
		return reply{}, false
	}
	if _, err := d.Token(); err != io.EOF {
		return reply{}, false
	}
	return reply{root: root}, true
}

// at returns the text, number or truth value at a path like "data.0.code"; false
// when there is nothing of that kind.
func (d reply) at(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	return jsonvalue.At(d.root, path)
}

// path is how a place in an answer is written.
var path = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$`)

func checkPath(value string) (string, string) {
	if !path.MatchString(value) {
		return "invalid-path", `Names and positions joined by dots, like "data.0.code".`
	}
	return "", ""
}

// line is one line of the outcomes: a code, "=", a class, a reason and seconds.
var line = regexp.MustCompile(`^(\S+)\s*=\s*(retry|rate_limited|permanent|misconfigured)\s+([a-z][a-z0-9_]{0,39})(?:\s+([0-9]{1,5}))?$`)

func checkOutcomes(value string) (string, string) {
	number := 0
	for each := range strings.SplitSeq(value, "\n") {
		number++
		if each = strings.TrimSpace(each); each == "" {
			continue
		}
		found := line.FindStringSubmatch(each)
		if found == nil || (found[4] != "" && found[2] != "retry" && found[2] != "rate_limited") {
			return "invalid-outcome", fmt.Sprintf(`Line %d is not of the form "code = class reason [seconds]".`, number)
		}
	}
	return "", ""
}

// mapped returns what the outcomes say about a code.
func mapped(outcomes, code string) (channels.Error, bool) {
	for each := range strings.SplitSeq(outcomes, "\n") {
		found := line.FindStringSubmatch(strings.TrimSpace(each))
		if found == nil || found[1] != code {
			continue
		}
		e := channels.Error{Class: channels.Class(found[2]), Reason: found[3]}
		seconds, _ := strconv.Atoi(found[4]) // "" counts as 0
		e.Wait = time.Duration(seconds) * time.Second
		return e, true
	}
	return channels.Error{}, false
}
