package channels

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/document"
	"belfry.dev/belfry/models/pacing"
)

// Descriptor is how an adapter describes itself. Forms, validation, masking,
// the API and docs/channels.md are derived from it.
type Descriptor struct {
	// Kind names the adapter: "smtp".
	Kind    string
	Channel models.Channel
	// Labels and Help are by locale; every locale is present.
	Labels map[models.Locale]string
	Help   map[models.Locale]string
	// Guide are the steps to a bot's settings on its platform, by locale; nil for none.
	Guide map[models.Locale][]string
	// Fields are what an operator configures per provider.
	Fields []Field
	// BotFields are what an account configures per bot; nil when the channel
	// writes to addresses.
	BotFields []Field
	// Address is what the addresses of contacts are; zero when the channel writes to bots.
	// Adapters of one channel say the same.
	Address models.AddressKind
	Limits  Limits
	// Waits are those between the rounds of a delivery's attempts; nil means the usual ones,
	// which fit what is on the other side of a network in general.
	Waits []time.Duration
	// Rate is how often the platform takes messages for one credential of a bot.
	Rate pacing.Rate
	// Format is the rendition of the texts that Send needs; "" means all.
	Format document.Format
	// Repeatable says that sending again after an unknown outcome does no harm:
	// the recipient can tell by the key.
	Repeatable bool
}

// Limits are the medium's; longer texts are cut by the adapter. Zero is none.
type Limits struct {
	SubjectRunes int
	TextRunes    int
	BodyBytes    int
}

// Field is one setting.
type Field struct {
	Name   string
	Labels map[models.Locale]string
	Help   map[models.Locale]string
	// Type is "string", "text" (several lines), "int", "bool", "enum", "url",
	// "host", "email", "json", "headers" (lines "Name: value") or "pem".
	Type string
	// Secret fields are encrypted and never shown.
	Secret   bool
	Required bool
	// Enum are the values of an enum.
	Enum []string
	// Default is what an absent value means.
	Default string
	// Own says that the value is an address of the platform itself on the channel:
	// no contact can have it.
	Own bool
	// Min and Max bound an int, or a text's length in code points; a zero Max
	// means 1,000.
	Min, Max int
	// Generate makes a value when none is given; such a secret is shown once
	// and can be rotated. Nil for fields that a person fills in.
	Generate func() (string, error)
	// Check is a further rule: it returns a code and a sentence, or "". Nil for none.
	Check func(value string) (code, detail string)
}

// MaxPerMinute names the setting, of a bot and of a provider, that changes the pace.
const MaxPerMinute = "max_per_minute"

// WritesToBots reports whether the channel writes to bots rather than to addresses.
func (d Descriptor) WritesToBots() bool { return d.BotFields != nil }

// CheckProvider returns what is wrong with a provider's settings; empty when nothing is.
func (d Descriptor) CheckProvider(s Settings) []models.Field { return checkAll(d.Fields, s) }

// CheckBot returns what is wrong with a bot's settings; empty when nothing is.
func (d Descriptor) CheckBot(s Settings) []models.Field { return checkAll(d.BotFields, s) }

// checkAll checks each field and refuses names that no field has. Problems come
// in the order of the fields, unknown names last and sorted.
func checkAll(fields []Field, s Settings) []models.Field {
	var out []models.Field
	known := map[string]bool{}
	for _, f := range fields {
		known[f.pointer()] = true
		if f.Secret {
			known["#/secrets/"+formerName(f.Name)] = f.Generate != nil
		}
		if code, detail := f.problem(s.source(f)); code != "" {
			out = append(out, models.Field{Pointer: f.pointer(), Code: code, Detail: detail})
		}
	}
	for _, pointer := range s.pointers() {
		if !known[pointer] {
			out = append(out, models.Field{Pointer: pointer, Code: "unknown-field", Detail: "There is no such setting."})
		}
	}
	return out
}

func (s Settings) source(f Field) string {
	if f.Secret {
		return s.Secrets[f.Name]
	}
	return s.Values[f.Name]
}

func (s Settings) pointers() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.Values)) {
		out = append(out, "#/settings/"+name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		out = append(out, "#/secrets/"+name)
	}
	return out
}

func (f Field) pointer() string {
	if f.Secret {
		return "#/secrets/" + f.Name
	}
	return "#/settings/" + f.Name
}

// problem returns the code and the detail of what is wrong with the value, or "".
func (f Field) problem(value string) (string, string) {
	if value == "" {
		if f.Required {
			return "required", "A value is needed."
		}
		return "", ""
	}
	if code, detail := f.text(value); code != "" {
		return code, detail
	}
	if check, ok := checks[f.Type]; ok {
		if code, detail := check(f, value); code != "" {
			return code, detail
		}
	}
	if f.Check != nil {
		return f.Check(value)
	}
	return "", ""
}

// text refuses what no setting may hold: broken UTF-8, invisible and control
// characters, too long values.
func (f Field) text(value string) (string, string) {
	lines := f.Type == "text" || f.Type == "json" || f.Type == "headers" || f.Type == "pem"
	if !utf8.ValidString(value) {
		return "invalid-characters", "It is not UTF-8."
	}
	for _, r := range value {
		if lines && (r == '\n' || r == '\t') {
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return "invalid-characters", "Control and invisible characters are not allowed."
		}
	}
	if strings.TrimSpace(value) != value && !lines {
		return "invalid-characters", "It begins or ends with white space."
	}
	if f.Type != "int" && utf8.RuneCountInString(value) > f.longest() {
		return "too-long", fmt.Sprintf("At most %d characters.", f.longest())
	}
	return "", ""
}

func (f Field) longest() int {
	if f.Max == 0 {
		return 1000
	}
	return f.Max
}

// checks are the rules of the types.
var checks = map[string]func(Field, string) (string, string){
	"int": func(f Field, value string) (string, string) {
		n, err := strconv.Atoi(value)
		if err != nil || strconv.Itoa(n) != value || n < f.Min || (f.Max > 0 && n > f.Max) {
			return "out-of-range", fmt.Sprintf("A number from %d to %d.", f.Min, f.Max)
		}
		return "", ""
	},
	"bool": func(_ Field, value string) (string, string) {
		if value != "true" && value != "false" {
			return "not-allowed", `"true" or "false".`
		}
		return "", ""
	},
	"enum": func(f Field, value string) (string, string) {
		if !slices.Contains(f.Enum, value) {
			return "not-allowed", "One of: " + strings.Join(f.Enum, ", ") + "."
		}
		return "", ""
	},
	"host":    checkHost,
	"email":   checkEmail,
	"json":    checkJSON,
	"headers": checkHeaders,
	"pem":     checkPEM,
	"url":     checkURLSyntax,
}
