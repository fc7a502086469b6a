package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/catalog/markup"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// Codes of fields that Check and CheckVariables report, beside those of faults
// in templates.
const (
	codeRequired   = "required"
	codeUnknown    = "unknown"
	codeTooLong    = "too-long"
	codeTooMany    = "too-many"
	codeCharacters = "invalid-characters"
	codeValue      = "invalid-value"
	codeDuplicate  = "duplicate"
)

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,23}\.[a-z][a-z0-9_]{0,38}$`)

// Check returns what is wrong with a message type, in the order of its members;
// none for one that can be stored and rendered. Pointers are into the type's JSON
// form ("#/templates/zh-CN/body"). Whether category and channels exist is not looked at.
func Check(t models.MessageType) []models.Field {
	c := &checker{}
	if !keyPattern.MatchString(t.Key) || models.CategoryOf(t.Key) != t.Category {
		c.add("#/key", codeValue, "The key is category.name: small letters, digits and _, at most 24 and 39 characters.")
	}
	c.texts("#/names", t.Names, 60)
	c.texts("#/descriptions", t.Descriptions, 500)
	c.audience(t.Audience)
	c.severity(t.Severity)
	if t.DeadlineSeconds < 60 || t.DeadlineSeconds > 604_800 {
		c.add("#/deadline_seconds", codeValue, "The deadline is 60 to 604800 seconds.")
	}
	if t.DedupWindowSeconds < 0 || t.DedupWindow() > models.MaxDedupWindow {
		c.add("#/dedup_window_seconds", codeValue, "The window is 1 to 86400 seconds.")
	}
	if t.SMSParts < 0 || t.SMSParts > models.MaxSMSParts {
		c.add("#/sms_parts", codeValue, "A text message has 1 to 10 parts.")
	}
	c.cells(t)
	c.variables(t.Variables)
	if len(c.fields) > 0 {
		return c.fields
	}
	c.templates(t)
	return c.fields
}

type checker struct{ fields []models.Field }

func (c *checker) add(pointer, code, detail string) {
	c.fields = append(c.fields, models.Field{Pointer: pointer, Code: code, Detail: detail})
}

// locales reports each locale that is missing or not one of Locales.
func (c *checker) locales(pointer string, given []models.Locale) {
	for _, locale := range Locales() {
		if !slices.Contains(given, locale) {
			c.add(pointer+"/"+locale, codeRequired, "Every language needs a text.")
		}
	}
	for _, locale := range given {
		if !slices.Contains(Locales(), locale) {
			c.add(pointer+"/"+escapePointer(locale), codeUnknown, "There is no such language.")
		}
	}
}

// texts checks short texts by locale: one line of at most limit runes.
func (c *checker) texts(pointer string, texts map[models.Locale]string, limit int) {
	c.locales(pointer, slices.Sorted(maps.Keys(texts)))
	for _, locale := range Locales() {
		line, ok := texts[locale]
		if !ok {
			continue
		}
		at := pointer + "/" + locale
		switch {
		case strings.TrimSpace(line) == "":
			c.add(at, codeRequired, "The text must not be empty.")
		case utf8.RuneCountInString(line) > limit:
			c.add(at, codeTooLong, fmt.Sprintf("The text has at most %d characters.", limit))
		case text.Line(line) != line:
			c.add(at, codeCharacters, "The text is one line without control or invisible characters.")
		}
	}
}

func (c *checker) audience(audience []string) {
	for i, a := range audience {
		at := fmt.Sprintf("#/audience/%d", i)
		if !slices.Contains(Audiences(), a) {
			c.add(at, codeValue, "The audience is one of "+strings.Join(Audiences(), ", ")+".")
		} else if slices.Index(audience, a) < i {
			c.add(at, codeDuplicate, "The audience is named twice.")
		}
	}
	if len(audience) == 0 {
		c.add("#/audience", codeRequired, "Recommend at least one audience.")
	}
}

func (c *checker) severity(s models.Severity) {
	switch s {
	case models.SeverityInfo, models.SeverityWarning, models.SeverityCritical:
	default:
		c.add("#/severity", codeValue, "The severity is info, warning or critical.")
	}
}

// cells checks the default and the locked channels. Bots are no cells: they are
// a list of their own.
func (c *checker) cells(t models.MessageType) {
	c.channels("#/default", t.Default)
	c.channels("#/locked", t.Locked)
	if !t.IsDefault(models.ChannelInbox) && !t.Internal {
		c.add("#/default", codeRequired, "The inbox is always among the default channels.")
	}
	for i, channel := range t.Locked {
		if !t.IsDefault(channel) {
			c.add(fmt.Sprintf("#/locked/%d", i), codeValue, "A locked channel must be a default channel too.")
		}
	}
	if t.Optional && t.Essential() {
		c.add("#/optional", codeValue, "What one press may end cannot be strict, locked, critical or about security.")
	}
	if t.Marketing && (t.Strict || len(t.Locked) > 0) {
		c.add("#/marketing", codeValue, "What people may unsubscribe from cannot be strict or locked.")
	}
	if t.Strict && len(t.Locked) != len(t.Default) {
		c.add("#/strict", codeValue, "A strict type locks every default channel.")
	}
}

func (c *checker) channels(pointer string, channels []models.Channel) {
	for i, channel := range channels {
		at := fmt.Sprintf("%s/%d", pointer, i)
		if slices.Index(channels, channel) < i {
			c.add(at, codeDuplicate, "The channel is named twice.")
		}
	}
}

func (c *checker) variables(variables []models.Variable) {
	if len(variables) > MaxVariables {
		c.add("#/variables", codeTooMany, fmt.Sprintf("A message type has at most %d variables.", MaxVariables))
		return
	}
	seen := map[string]bool{}
	for i, v := range variables {
		at := fmt.Sprintf("#/variables/%d", i)
		switch {
		case !markup.IsName(v.Name):
			c.add(at+"/name", codeValue, "A name is small letters, digits and _, at most 40, and begins with a letter.")
		case slices.Contains(reserved(), v.Name):
			c.add(at+"/name", codeValue, "Belfry itself provides this name.")
		case seen[v.Name]:
			c.add(at+"/name", codeDuplicate, "The name is declared twice.")
		}
		seen[v.Name] = true
		c.samples(at+"/samples", v.Samples)
	}
}

func (c *checker) samples(pointer string, samples map[models.Locale]string) {
	c.locales(pointer, slices.Sorted(maps.Keys(samples)))
	for _, locale := range Locales() {
		at := pointer + "/" + locale
		if sample, ok := samples[locale]; ok && strings.TrimSpace(sample) == "" {
			c.add(at, codeRequired, "The sample must not be empty.")
		} else if ok {
			c.value(at, sample)
		}
	}
}

func (c *checker) templates(t models.MessageType) {
	c.locales("#/templates", slices.Sorted(maps.Keys(t.Templates)))
	for _, locale := range Locales() {
		template, ok := t.Templates[locale]
		if !ok {
			continue
		}
		_, faults := compile(t, locale, template)
		c.fields = append(c.fields, faults...)
	}
}

// CheckVariables returns what is wrong with the values of a submission, sorted by
// name: required ones that are missing, names that the type does not declare, and
// values that are too long or hold control characters (line feeds and tabs are
// allowed). Pointers are "#/variables/<name>".
func CheckVariables(t models.MessageType, values map[string]string) []models.Field {
	c := &checker{}
	if len(values) > MaxVariables {
		c.add("#/variables", codeTooMany, fmt.Sprintf("At most %d variables are allowed.", MaxVariables))
		return c.fields
	}
	declared := map[string]bool{}
	for _, v := range t.Variables {
		declared[v.Name] = true
		if v.Required && strings.TrimSpace(values[v.Name]) == "" {
			c.add("#/variables/"+v.Name, codeRequired, "The message type needs this variable.")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := "#/variables/" + escapePointer(name)
		if !declared[name] {
			c.add(at, codeUnknown, "The message type has no such variable.")
			continue
		}
		c.value(at, values[name])
	}
	slices.SortStableFunc(c.fields, func(a, b models.Field) int { return strings.Compare(a.Pointer, b.Pointer) })
	return c.fields
}

// CheckLink returns what is wrong with a notification's link: it is empty, an
// absolute http or https address without user information, or a path of the site
// ("/orders/1"), of at most 2,048 bytes. The pointer is "#/link".
func CheckLink(link string) []models.Field {
	c := &checker{}
	switch {
	case link == "" || brand.AbsoluteLink("https://site.example", link) != "":
	case len(link) > markup.MaxLink:
		c.add("#/link", codeTooLong, fmt.Sprintf("A link has at most %d bytes.", markup.MaxLink))
	default:
		c.add("#/link", codeValue, "A link is an absolute http or https address, or a path that begins with one slash.")
	}
	return c.fields
}

// value checks one value for a template.
func (c *checker) value(pointer, value string) {
	switch {
	case utf8.RuneCountInString(value) > MaxValue:
		c.add(pointer, codeTooLong, fmt.Sprintf("A value has at most %d characters.", MaxValue))
	case !utf8.ValidString(value) || strings.ContainsFunc(value, refused):
		c.add(pointer, codeCharacters, "A value holds no control characters but line feeds and tabs.")
	}
}

// refused reports whether a rune may not stand in a value.
func refused(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029')
}

// escapePointer makes a name a part of a JSON pointer, cut to 64 runes.
func escapePointer(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(text.Cut(text.Line(name), 64))
}
