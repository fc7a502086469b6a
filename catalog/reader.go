package catalog

import (
	"fmt"
	"net/url"

	"belfry.dev/belfry/catalog/brand"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/text"
)

// managePath is the page of Belfry that leads people to what they can change of what they
// receive.
const managePath = "/console/manage"

// maxReader bounds the names in the sentence about the reader, in runes.
const maxReader = 60

// Reader is whom a message goes to; zero where that is nobody in particular.
type Reader struct {
	// Account and Alias are the account's name and alias.
	Account, Alias string
	// Contact is the contact's name; "" for the account itself.
	Contact string
}

// ReaderOf is whom the delivery goes to. What has yet to be proven gets no name of the contact:
// whoever asks could write to strangers in it.
func ReaderOf(d models.Dispatch) Reader {
	r := Reader{Account: d.Account.Name, Alias: d.Account.Alias}
	if d.ContactKind != models.ContactAccount && !d.Notification.Source.Manner().Proof {
		r.Contact = d.Delivery.Recipient
	}
	return r
}

// Inbox is the link to the account's messages, where a message tells of several.
func (r Reader) Inbox() string { return "/console/inbox?account=" + url.QueryEscape(r.Alias) }

// Title is the account as texts name it: its name and, in brackets, its alias. It is "" for
// no account.
func (r Reader) Title() string {
	if r.Alias == "" {
		return ""
	}
	if name := text.Cut(text.Line(r.Account), maxReader); name != "" {
		return name + " (" + r.Alias + ")"
	}
	return r.Alias
}

// sentence says why the message came to its reader; "" where nobody is named.
func (r Reader) sentence(words map[string]string) string {
	name := text.Cut(text.Line(r.Contact), maxReader)
	switch {
	case r.Alias == "":
		return ""
	case name == "":
		return fmt.Sprintf(words["to_account"], r.Title())
	}
	return fmt.Sprintf(words["to_contact"], r.Title(), name)
}

// manage is the link to what the reader can change; "" where nobody can.
func (r Reader) manage(t models.MessageType, site brand.Site) string {
	if t.Internal || r.Alias == "" {
		return ""
	}
	return brand.AbsoluteLink(site.URL, managePath+"?account="+url.QueryEscape(r.Alias))
}
