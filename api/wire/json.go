package wire

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/models"
)

// Limits of a JSON text beside its size, which the server bounds before.
const (
	maxDepth   = 32
	maxValues  = 100_000
	maxNumber  = 64  // bytes of a number's literal
	maxPointer = 200 // runes of a pointer that are repeated in an error
)

// Kind is what a Value is.
type Kind int

// Kinds of values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// Value is a parsed JSON value that kept what encoding/json loses: the digits of
// numbers and the order of members.
type Value struct {
	Kind Kind
	// Text is a string's content, a number's literal, or "true" and "false".
	Text string
	// Items are an array's elements.
	Items []Value
	// Members are an object's, in the order of the text; keys are unique, also
	// without regard to case.
	Members []Member
}

// Member is one entry of an object.
type Member struct {
	Key   string
	Value Value
}

// Elements are those of the array that the object has under the key; nil without one.
func (v *Value) Elements(key string) []Value {
	for _, m := range v.Members {
		if m.Key == key {
			return m.Value.Items
		}
	}
	return nil
}

// Parse reads exactly one JSON value (RFC 8259) and refuses, as malformed, all
// that readers disagree about: a key that stands twice or in two spellings of
// case, trailing data, invalid UTF-8, escapes of lone surrogates, a byte order
// mark, numbers beyond a 64-bit float, and more than 32 levels. Control characters that are escaped correctly are
// JSON: rules for texts refuse them per field.
func Parse(data []byte) (Value, error) {
	p := &parser{data: data}
	if !utf8.Valid(data) {
		return Value{}, malformed("#", "invalid-utf8", "The body is not valid UTF-8.")
	}
	p.space()
	value, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.at < len(p.data) {
		return Value{}, malformed("#", "trailing-data", "There is more after the end of the JSON value.")
	}
	return value, nil
}

func malformed(pointer, code, detail string) error {
	return &models.Error{
		Code:   models.CodeMalformed,
		Detail: "The body is not acceptable JSON; see errors.",
		Fields: []models.Field{{Pointer: pointer, Code: code, Detail: detail}},
	}
}

// parser is a recursive descent over data; path is where it is, for errors.
type parser struct {
	data  []byte
	at    int
	count int
	path  []string
}

func (p *parser) fail(code, detail string) error {
	return malformed(Pointer(p.path...), code, detail)
}

func (p *parser) syntax() error {
	return p.fail("syntax", "This is not JSON, at byte "+strconv.Itoa(p.at)+".")
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next returns the byte at hand, 0 at the end: no JSON token begins with 0.
func (p *parser) next() byte {
	if p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, malformed("#", "too-deep", "There are more than 32 levels.")
	}
	if p.count++; p.count > maxValues {
		return Value{}, malformed("#", "too-many-values", "There are too many values.")
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		text, err := p.text()
		return Value{Kind: String, Text: text}, err
	case c == '-' || (c >= '0' && c <= '9'):
		return p.number()
	}
	return p.word()
}

func (p *parser) word() (Value, error) {
	words := [...]struct {
		text string
		kind Kind
	}{{"null", Null}, {"true", Bool}, {"false", Bool}}
	for _, w := range words {
		if strings.HasPrefix(string(p.data[p.at:min(len(p.data), p.at+5)]), w.text) {
			p.at += len(w.text)
			return Value{Kind: w.kind, Text: w.text}, nil
		}
	}
	return Value{}, p.syntax()
}

func (p *parser) array(depth int) (Value, error) {
	v := Value{Kind: Array}
	p.at++
	p.space()
	if p.next() == ']' {
		p.at++
		return v, nil
	}
	for {
		p.path = append(p.path, strconv.Itoa(len(v.Items)))
		p.space()
		item, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		p.path = p.path[:len(p.path)-1]
		v.Items = append(v.Items, item)
		more, err := p.more(']')
		if !more || err != nil {
			return v, err
		}
	}
}

// more reads what follows an element: a comma, or the end.
func (p *parser) more(end byte) (bool, error) {
	p.space()
	switch p.next() {
	case ',':
		p.at++
		return true, nil
	case end:
		p.at++
		return false, nil
	}
	return false, p.syntax()
}

func (p *parser) object(depth int) (Value, error) {
	v := Value{Kind: Object}
	p.at++
	p.space()
	if p.next() == '}' {
		p.at++
		return v, nil
	}
	seen := map[string]bool{}
	for {
		key, err := p.key(seen)
		if err != nil {
			return v, err
		}
		member, err := p.value(depth + 1)
		if err != nil {
			return v, err
		}
		p.path = p.path[:len(p.path)-1]
		v.Members = append(v.Members, Member{Key: key, Value: member})
		more, err := p.more('}')
		if !more || err != nil {
			return v, err
		}
	}
}

// key reads a member's key and colon, and leaves the key on the path.
func (p *parser) key(seen map[string]bool) (string, error) {
	p.space()
	if p.next() != '"' {
		return "", p.syntax()
	}
	key, err := p.text()
	if err != nil {
		return "", err
	}
	p.path = append(p.path, key)
	folded := strings.ToLower(key)
	if seen[folded] {
		return "", p.fail("duplicate-key", "This key stands twice in one object, or differs in case only.")
	}
	seen[folded] = true
	p.space()
	if p.next() != ':' {
		return "", p.syntax()
	}
	p.at++
	p.space()
	return key, nil
}

// number reads a number by the grammar of RFC 8259: no leading zeros, no plus,
// digits on both sides of the point.
func (p *parser) number() (Value, error) {
	start := p.at
	if p.next() == '-' {
		p.at++
	}
	if p.next() == '0' {
		p.at++
	} else if !p.digits() {
		return Value{}, p.syntax()
	}
	if p.next() == '.' {
		p.at++
		if !p.digits() {
			return Value{}, p.syntax()
		}
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c := p.next(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return Value{}, p.syntax()
		}
	}
	return p.bounded(string(p.data[start:p.at]))
}

// bounded refuses numbers that no reader can hold: longer than 64 bytes, or
// beyond a 64-bit float.
func (p *parser) bounded(literal string) (Value, error) {
	if len(literal) > maxNumber {
		return Value{}, p.fail("number-too-long", "A number has more than 64 characters.")
	}
	if _, err := strconv.ParseFloat(literal, 64); err != nil {
		return Value{}, p.fail("number-out-of-range", "A number is too large.")
	}
	return Value{Kind: Number, Text: literal}, nil
}

func (p *parser) digits() bool {
	start := p.at
	for c := p.next(); c >= '0' && c <= '9'; c = p.next() {
		p.at++
	}
	return p.at > start
}

// Pointer returns the JSON pointer of a path into a body, as a URI fragment:
// "#/a/0". Overlong ones are cut: they end in an ellipsis.
func Pointer(path ...string) string {
	var b strings.Builder
	b.WriteByte('#')
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
	}
	runes := []rune(b.String())
	if len(runes) > maxPointer {
		return string(runes[:maxPointer]) + "…"
	}
	return b.String()
}
