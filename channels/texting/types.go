package texting

import (
	"fmt"
	"maps"
	"slices"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
)

// CheckTypes says which templates can never be sent as they are: of types that do not exist,
// with variables that these do not have, or with samples that would be refused.
func (s *Sender) CheckTypes(settings channels.Settings, types []models.MessageType) []models.Field {
	if !s.provider.Approved {
		return nil
	}
	all, err := parse(settings.Get("templates"))
	if err != nil {
		return nil // Check says so
	}
	var wrong []models.Field
	for _, key := range slices.Sorted(maps.Keys(all)) {
		for i, row := range all[key] {
			if why := row.unsendable(key, types); why != "" {
				wrong = append(wrong, models.Field{Pointer: "#/settings/templates", Code: "invalid-template", Detail: fmt.Sprintf("%s, template %d: %s", key, i+1, why)})
			}
		}
	}
	return wrong
}

// Sends reports whether there is a template of the type for at least one language and
// region; providers that take any text send all types.
func (s *Sender) Sends(settings channels.Settings, t models.MessageType) bool {
	if !s.provider.Approved {
		return true
	}
	all, err := parse(settings.Get("templates"))
	return err == nil && len(all[t.Key])+len(all[anyType]) > 0
}

// unsendable is why the row can never be sent for the key; "" when it can.
func (r Row) unsendable(key string, types []models.MessageType) string {
	if key != anyType && key != several {
		i := slices.IndexFunc(types, func(t models.MessageType) bool { return t.Key == key })
		if i < 0 {
			return "there is no such message type."
		}
		types = types[i : i+1]
	}
	for _, p := range r.Parameters {
		if why := p.unsendable(r.locales(), types); why != "" {
			return fmt.Sprintf("parameter %s: %s", p.Name, why)
		}
	}
	return ""
}

// locales are the languages of the recipients that may get the row.
func (r Row) locales() []models.Locale {
	if r.Language == "" {
		return []models.Locale{models.LocaleZH, models.LocaleEN}
	}
	return []models.Locale{r.Language}
}

// unsendable looks for the variable in the types, and tries its samples where there is one
// type only.
func (p Parameter) unsendable(locales []models.Locale, types []models.MessageType) string {
	if p.From == "" || slices.Contains([]string{"title", "severity", "count", "code"}, p.From) {
		return ""
	}
	var found []models.Variable
	for _, t := range types {
		for _, v := range t.Variables {
			if v.Name == p.From {
				found = append(found, v)
			}
		}
	}
	if len(found) == 0 {
		return fmt.Sprintf("there is no variable %s.", p.From)
	}
	for _, locale := range locales {
		sample := found[0].Samples[locale]
		if _, ok := p.value(channels.Message{Data: map[string]string{p.From: sample}}); !ok && len(types) == 1 {
			return fmt.Sprintf("the sample %q is longer than max, or holds a link: it would not be sent.", sample)
		}
	}
	return ""
}
