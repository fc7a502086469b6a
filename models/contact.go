package models

import (
	"slices"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/models/text"
)

// SearchKey is the form that names and addresses are searched in: composed, lower case.
func SearchKey(words string) string { return strings.ToLower(text.Compose(words)) }

// Off reports whether the contact is switched off. The account contact never is: it is the
// account itself.
func (c Contact) Off() bool { return !c.Enabled && c.Kind != ContactAccount }

// Replace returns what a contact's addresses become when others are wanted: those
// wanted, in their order, each as it stands where it is there already.
func Replace(current, wanted []Address) []Address {
	list := make([]Address, 0, len(wanted))
	for _, a := range wanted {
		if i := slices.IndexFunc(current, a.Same); i >= 0 {
			value := a.Value
			a = current[i]
			a.Value, a.Leaving = value, false
		}
		list = append(list, a)
	}
	return list
}

// Successors returns what the account contact's addresses become when its owner
// wants others: those of Replace, and after them the proven ones that were left out,
// leaving. These go on
// receiving until another address of their channel is proven, so that mandatory
// messages arrive meanwhile. Code last-mandatory-contact: a channel that has a proven
// address would have none.
func Successors(current, wanted []Address) ([]Address, error) {
	list := Replace(current, wanted)
	chosen := list
	for _, a := range current {
		if !a.Deliverable() || slices.ContainsFunc(chosen, a.Same) {
			continue
		}
		channel := slices.DeleteFunc(slices.Clone(chosen), func(each Address) bool { return each.Channel != a.Channel })
		if len(channel) == 0 {
			return nil, Errorf(CodeLastMandatory, "Mandatory messages go to the account contact over %s: replace the last address instead of removing it.", a.Channel)
		}
		if !slices.ContainsFunc(channel, Address.Deliverable) {
			a.Leaving = true
			list = append(list, a)
		}
	}
	return list, nil
}

// Prove returns the addresses as they are once the one with the id is proven: it is
// in the state, and those of its channel that were leaving are gone. Code not-found.
func Prove(current []Address, id string, state AddressState) ([]Address, error) {
	i := slices.IndexFunc(current, func(a Address) bool { return a.ID == id })
	if i < 0 {
		return nil, NotFound()
	}
	list := slices.Clone(current)
	list[i].State, list[i].Reason, list[i].Leaving = state, "", false
	channel := list[i].Channel
	return slices.DeleteFunc(list, func(a Address) bool { return a.Leaving && a.Channel == channel }), nil
}

// AddressKeys are the contact's addresses in normal form.
func (c Contact) AddressKeys() []string {
	keys := make([]string, 0, len(c.Addresses))
	for _, a := range c.Addresses {
		keys = append(keys, a.ValueKey)
	}
	return keys
}

// Same reports whether both are the same address of the same channel.
func (a Address) Same(other Address) bool {
	return a.Channel == other.Channel && a.ValueKey == other.ValueKey
}

// Vouch returns the addresses as they are once an operator vouches for them: those
// that nobody has proven are waived.
func Vouch(list []Address) []Address {
	list = slices.Clone(list)
	for i := range list {
		if list[i].State != AddressVerified {
			list[i].State, list[i].Reason = AddressWaived, ""
		}
	}
	return list
}

// Masked shows enough of an address for those who know it: of a mail address the first
// character and the domain, of others the last two characters. It is what leaves the
// pages of contacts.
func Masked(address string) string {
	if local, domain, mail := strings.Cut(address, "@"); mail {
		_, size := utf8.DecodeRuneInString(local)
		return local[:size] + "…@" + domain
	}
	const shown = 2
	if runes := []rune(address); len(runes) > 3*shown {
		return "…" + string(runes[len(runes)-shown:])
	}
	if address == "" {
		return ""
	}
	return "…"
}

// Contact is a person that can be reached. The account contact is the account
// itself; there is exactly one per account.
type Contact struct {
	ID        string `gorm:"primaryKey"`
	AccountID AccountID
	Kind      ContactKind
	// Name is 1–20 code points in NFC, without white space, control or invisible
	// characters; names may repeat.
	Name string
	// NameKey is what the name is searched by; store keeps it.
	NameKey string `json:"-"`
	// Position is a key of the list of positions; "" for none.
	Position string
	// UserID links the contact to a user, who then has its messages in the
	// personal inbox; "" for none.
	UserID   string
	Language string // a locale; "" means the account's
	TimeZone string // an IANA name; "" means the account's
	Enabled  bool
	Version  int64
	Timestamps
	Addresses []Address `gorm:"foreignKey:ContactID"`
}

// ContactKind tells the account contact from the others.
type ContactKind string

// Kinds of contacts.
const (
	ContactAccount ContactKind = "account"
	ContactPerson  ContactKind = "person"
)
