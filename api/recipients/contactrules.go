package recipients

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/address"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/models/text"
	"belfry.dev/belfry/store"
)

// CheckRules refuses what no address could ever match.
func CheckRules(c operation.ContactConfig, descriptors []channels.Descriptor) error {
	for _, channel := range c.Required {
		if !slices.ContainsFunc(descriptors, func(d channels.Descriptor) bool { return d.Channel == channel && !d.WritesToBots() }) {
			return fmt.Errorf("api: contacts cannot be required to have an address of %q, which is no channel to people", channel)
		}
	}
	for _, country := range c.Countries {
		if !address.KnownCountry(country) {
			return fmt.Errorf("api: %q is no country with phone numbers; they are written like CN", country)
		}
	}
	for _, domain := range c.DeniedDomains {
		if key, code := address.Email("a@" + domain); code != "" || !address.WithinDomain(key, domain) {
			return fmt.Errorf("api: %q is no domain in lower case and ASCII", domain)
		}
	}
	return nil
}

// Codes of addresses and names that are refused.
const (
	codeUnavailable       = "unavailable-channel"
	codeOwnAddress        = "own-address"
	codeCountryNotAllowed = "country-not-allowed"
	codeDomainNotAllowed  = "domain-not-allowed"
)

// MaxContactName is the limit of a contact's name, in code points.
const MaxContactName = 20

// CheckName refuses what cannot be the name of a contact or a group: it has 1–20
// characters (code points, once composed) of any script, without white space, control or
// invisible characters. It stays as it was typed. Names may repeat.
func CheckName(name string) []models.Field {
	switch n := utf8.RuneCountInString(text.Compose(name)); {
	case n == 0:
		return nameField("required", "is needed")
	case n > MaxContactName:
		return nameField("too-long", "must be at most 20 characters")
	case strings.ContainsFunc(name, unicode.IsSpace):
		return nameField(wire.CodeInvalidCharacters, "must have no white space")
	}
	if code := wire.CheckLine(name); code != "" {
		return nameField(code, "has control, invisible or direction-changing characters")
	}
	return nil
}

func nameField(code, detail string) []models.Field {
	return []models.Field{{Pointer: "#/name", Code: code, Detail: detail}}
}

// addressRules are what addresses are checked by, as it stands in one transaction.
type addressRules struct {
	operation.ContactConfig
	kinds models.AddressKinds
	// offered are the channels to people that an operator configured; own are the
	// platform's own addresses, by channel and normal form.
	offered map[models.Channel]bool
	own     map[AddressIn]bool
}

// addressRules reads what operators configured. Index: providers_channel.
func readAddressRules(ctx context.Context, s *operation.Core, p store.Platform) (addressRules, error) {
	rules := addressRules{ContactConfig: s.Config.Contacts, kinds: s.Channels.AddressKinds(), offered: map[models.Channel]bool{}, own: map[AddressIn]bool{}}
	providers, err := p.Providers().List(ctx, "")
	if err != nil {
		return rules, err
	}
	for _, d := range s.Channels.Descriptors() {
		for _, row := range providers {
			if row.Kind != d.Kind || d.WritesToBots() {
				continue
			}
			rules.offered[d.Channel] = rules.offered[d.Channel] || row.Enabled
			for _, f := range d.Fields {
				if key, code := rules.kinds.Normalise(d.Channel, row.Settings[f.Name]); f.Own && code == "" {
					rules.own[AddressIn{d.Channel, key}] = true
				}
			}
		}
	}
	return rules, nil
}

// wanted returns the addresses that were given, in normal form and each once, all in
// the state; current are those that the contact has, which need to fulfil no rule
// anew. The fields say what is wrong.
func (r addressRules) wanted(given []AddressIn, state models.AddressState, current []models.Address) ([]models.Address, []models.Field) {
	list, fields := []models.Address{}, []models.Field{}
	for i, each := range given {
		key, code := r.kinds.Normalise(each.Channel, each.Value)
		kind := r.kinds[each.Channel]
		a := models.Address{Channel: each.Channel, Value: each.Value, ValueKey: key, State: kind.Begin(state), Proof: kind.Proof}
		if slices.ContainsFunc(list, a.Same) {
			continue
		}
		if code == "" && !slices.ContainsFunc(current, a.Same) {
			code = r.refusal(kind, each.Channel, key)
		}
		if code != "" {
			fields = append(fields, addressField(i, code, kind))
			continue
		}
		list = append(list, a)
	}
	if len(fields) == 0 {
		fields = intake.AddressLimits{Required: r.Required, PerChannel: r.PerChannel}.Check(list)
	}
	return list, fields
}

// refusal is the code of what keeps a contact from having the address; "" for nothing.
func (r addressRules) refusal(kind models.AddressKind, channel models.Channel, key string) string {
	switch {
	case !r.offered[channel]:
		return codeUnavailable
	case r.own[AddressIn{channel, key}]:
		return codeOwnAddress
	case kind.Country != nil && len(r.Countries) > 0 && !slices.Contains(r.Countries, kind.Country(key)):
		return codeCountryNotAllowed
	case kind.Within != nil && slices.ContainsFunc(r.DeniedDomains, func(domain string) bool { return kind.Within(key, domain) }):
		return codeDomainNotAllowed
	}
	return ""
}

func addressField(i int, code string, kind models.AddressKind) models.Field {
	at := "#/addresses/" + strconv.Itoa(i)
	details := map[string]string{
		codeOwnAddress:        "is an address of this platform itself",
		codeCountryNotAllowed: "is of a country that the operator does not allow",
		codeDomainNotAllowed:  "is of a domain that the operator does not allow",
	}
	if code == models.CodeUnknownChannel || code == codeUnavailable {
		return models.Field{Pointer: at + "/channel", Code: codeUnavailable, Detail: "is not a channel to people that an operator configured"}
	}
	return models.Field{Pointer: at + "/value", Code: code, Detail: cmp.Or(kind.Refusals[code], details[code])}
}

// AddressIn is an address as somebody writes it down.
type AddressIn struct {
	Channel models.Channel `json:"channel" maxLength:"32" doc:"email or sms."`
	Value   string         `json:"value" minLength:"1" maxLength:"254" doc:"An e-mail address, or a phone number that begins with +."`
}

// Waived brings addresses of an account contact that an operator gives into normal
// form; the operator vouches for them, so nobody is asked to confirm. They may come
// before the channel is configured.
func Waived(kinds models.AddressKinds, in []AddressIn) ([]models.Address, error) {
	unbound := addressRules{kinds: kinds, offered: map[models.Channel]bool{}}
	for _, each := range in {
		unbound.offered[each.Channel] = true
	}
	unbound.PerChannel = len(in)
	list, fields := unbound.wanted(in, models.AddressWaived, nil)
	if len(fields) > 0 {
		return nil, models.InvalidFields(fields)
	}
	return list, nil
}
