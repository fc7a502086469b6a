package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

const callbackURL = "https://bell.example/v1/receipts/prv_01/twilio"

// callback is the vector of the design: its signature was made by another program.
func callback() receipt.Callback {
	return receipt.Callback{
		URL: callbackURL, Header: http.Header{"X-Twilio-Signature": {"qWVCd2zxK/Hmi/PvJNmH1GU1aq0="}},
		Form: url.Values{
			"AccountSid": {account}, "ApiVersion": {"2010-04-01"}, "ErrorCode": {"30005"}, "From": {"+15005550006"}, "MessageSid": {sid}, "SmsSid": {sid},
			"MessageStatus": {"undelivered"}, "SmsStatus": {"undelivered"}, "To": {number},
		},
	}
}

type reader interface {
	Receipt(channels.Target, receipt.Callback) (receipt.Receipt, error)
}

func take(t *testing.T, token string, c receipt.Callback) (receipt.Receipt, error) {
	t.Helper()
	to := target("")
	to.Provider.Secrets["auth_token"] = token
	return newSender(channeltest.Client(t, "https://api.twilio.com")).(reader).Receipt(to, c)
}

func TestReceiptsAreThoseThatTheProviderSigned(t *testing.T) {
	t.Parallel()
	want := receipt.Receipt{Ref: sid, State: models.DeliveryFailed, Reason: receipt.ReasonNumberInvalid, Code: "30005"}
	if got, err := take(t, "test_auth_token", callback()); err != nil || got != want {
		t.Fatalf("Receipt() = %+v, %v", got, err)
	}
	port := callback()
	port.Header.Set("X-Twilio-Signature", "A7/jCsl6kC+xwABHmFoo3kgyCKE=")
	if got, err := take(t, "test_auth_token", port); err != nil || got != want {
		t.Errorf("signed with the port: %+v, %v", got, err)
	}
	for name, forge := range map[string]func(*receipt.Callback){
		"another state":      func(c *receipt.Callback) { c.Form.Set("MessageStatus", "delivered") },
		"one parameter more": func(c *receipt.Callback) { c.Form.Set("New", "1") },
		"another URL":        func(c *receipt.Callback) { c.URL += "x" },
		"no signature":       func(c *receipt.Callback) { c.Header = http.Header{} },
		"no base64":          func(c *receipt.Callback) { c.Header.Set("X-Twilio-Signature", "!") },
	} {
		c := callback()
		forge(&c)
		if _, err := take(t, "test_auth_token", c); !errors.Is(err, receipt.ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := take(t, "another", callback()); !errors.Is(err, receipt.ErrForged) {
		t.Errorf("another token: %v", err)
	}
}

func TestTheSignatureIsThatOfTheProvidersLibrary(t *testing.T) {
	t.Parallel()
	c := receipt.Callback{URL: "https://mycompany.com/myapp.php?foo=1&bar=2", Form: url.Values{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"},
	}}
	if got := base64.StdEncoding.EncodeToString(sign("12345", c)); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Errorf("signature = %s", got)
	}
}

func TestTheCallbackIsAskedForWhereReceiptsCanCome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url, receipts, asked string
		state                models.DeliveryState
	}{
		"as usual":      {url: callbackURL, asked: callbackURL, state: models.DeliveryAccepted},
		"no public URL": {},
		"switched off":  {url: callbackURL, receipts: "false"},
	} {
		s := channeltest.NewSink(t, channeltest.Says(ok))
		to := target(s.URL)
		to.Provider.Values["receipts"] = c.receipts
		m := channeltest.Message(number)
		m.ReceiptURL = c.url
		got, err := newSender(channeltest.Client(t, s.URL)).Send(t.Context(), to, m)
		if err != nil || got.State != c.state || got.Class != channels.Accepted {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		form, err := url.ParseQuery(string(s.Requests()[0].Body))
		if err != nil || form.Get("StatusCallback") != c.asked {
			t.Errorf("%s: %v, %v", name, form, err)
		}
	}
}

func TestStatusesAndCodesHaveTheirMeaning(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]receipt.Receipt{
		"queued": {}, "sent": {}, "accepted": {}, "sending": {}, "": {},
		"delivered":         {State: models.DeliveryDelivered},
		"undelivered 30003": {State: models.DeliveryFailed, Reason: receipt.ReasonUnreachable, Code: "30003"},
		"undelivered 30004": {State: models.DeliveryFailed, Reason: receipt.ReasonBlocked, Code: "30004"},
		"undelivered 30006": {State: models.DeliveryFailed, Reason: receipt.ReasonNumberInvalid, Code: "30006"},
		"undelivered 30007": {State: models.DeliveryFailed, Reason: receipt.ReasonFiltered, Code: "30007"},
		"failed 30008":      {State: models.DeliveryFailed, Reason: receipt.ReasonUndelivered, Code: "30008"},
		"failed <script>":   {State: models.DeliveryFailed, Reason: receipt.ReasonUndelivered},
	} {
		c := callback()
		status, code, _ := strings.Cut(said, " ")
		c.Form.Set("MessageStatus", status)
		c.Form.Set("ErrorCode", code)
		c.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(sign("token", c)))
		want.Ref = sid
		if got, err := take(t, "token", c); err != nil || got != want {
			t.Errorf("%s: %+v, %v", said, got, err)
		}
	}
}

// sign signs as the provider does; written anew, as its documentation says.
func sign(token string, c receipt.Callback) []byte {
	names := slices.Sorted(maps.Keys(c.Form))
	all := c.URL
	for _, name := range names {
		all += name + c.Form.Get(name)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(all))
	return mac.Sum(nil)
}
