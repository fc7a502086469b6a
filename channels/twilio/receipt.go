package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Twilio signs with HMAC-SHA1
	"encoding/base64"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/texting"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

// awaited reports whether the provider is asked to say what becomes of the message.
func awaited(c texting.Call) bool {
	return c.Message.ReceiptURL != "" && c.Provider.Get("receipts") != "false"
}

// states are the provider's final statuses. All others say that it is on its way. Source:
// docs/channels.md#twilio.
var states = map[string]models.DeliveryState{
	"delivered": models.DeliveryDelivered, "read": models.DeliveryDelivered,
	"undelivered": models.DeliveryFailed, "failed": models.DeliveryFailed, "canceled": models.DeliveryFailed,
}

// reasons are what the codes of failed messages mean; any other is undelivered.
var reasons = map[string]string{
	"30003": receipt.ReasonUnreachable, "30004": receipt.ReasonBlocked,
	"30005": receipt.ReasonNumberInvalid, "30006": receipt.ReasonNumberInvalid,
	"30007": receipt.ReasonFiltered, "30034": receipt.ReasonFiltered,
}

var codeForm = regexp.MustCompile(`^[0-9]{1,8}$`)

// read takes a status callback. The signature covers all parameters, known or not.
func read(t channels.Target, c receipt.Callback) (receipt.Receipt, error) {
	if !signed(t.Provider.Get("auth_token"), c) {
		return receipt.Receipt{}, receipt.ErrForged
	}
	r := receipt.Receipt{Ref: c.Form.Get("MessageSid"), State: states[c.Form.Get("MessageStatus")]}
	if !sidForm.MatchString(r.Ref) || c.Form.Get("AccountSid") != t.Provider.Get("account_sid") {
		return receipt.Receipt{}, receipt.ErrForged
	}
	if r.State != models.DeliveryFailed {
		return r, nil
	}
	r.Reason = receipt.ReasonUndelivered
	if code := c.Form.Get("ErrorCode"); codeForm.MatchString(code) {
		r.Code = code
		if reason, known := reasons[code]; known {
			r.Reason = reason
		}
	}
	return r, nil
}

// signed compares with every spelling of the URL that the provider may have signed: with the
// port of https, and without.
func signed(token string, c receipt.Callback) bool {
	given, err := base64.StdEncoding.DecodeString(c.Header.Get("X-Twilio-Signature"))
	u, unreadable := url.Parse(c.URL)
	if err != nil || unreadable != nil || token == "" {
		return false
	}
	spellings := []string{c.URL}
	switch {
	case u.Scheme == "https" && u.Port() == "":
		spellings = append(spellings, strings.Replace(c.URL, u.Host, u.Host+":443", 1))
	case u.Scheme == "https" && u.Port() == "443":
		spellings = append(spellings, strings.Replace(c.URL, ":443", "", 1))
	}
	return slices.ContainsFunc(spellings, func(address string) bool {
		return hmac.Equal(given, signature(token, address, c.Form))
	})
}

// signature is the HMAC-SHA1 of the URL and all parameters, sorted by name, each value once.
func signature(token, address string, form url.Values) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
			mac.Write([]byte(name + value))
		}
	}
	return mac.Sum(nil)
}
