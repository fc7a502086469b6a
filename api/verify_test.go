package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"belfry.dev/belfry/models"
)

// TestTheLinkPageTakesACode: of the newest message, on the page of an older link, too. It says
// which account asks.
func TestTheLinkPageTakesACode(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	v, letter := h.invited(models.ChannelEmail, "ada@example.com")
	english := h.as(h.anonymous).with("Accept-Language", "en")
	page := english.get(linkPath(letter)).wants(200)
	assert.Contains(t, string(page.body), h.a.Account.Alias+")", "the account that asks")
	assert.Contains(t, string(page.body), `autocomplete="one-time-code"`)
	typed := func(path, code string) *answer {
		return english.with("Content-Type", "application/x-www-form-urlencoded").post(path, "code="+code)
	}
	wrong := typed(linkPath(letter), wrongCode(letter)).wants(422)
	assert.Contains(t, string(wrong.body), "not the code that was sent last")
	assert.Contains(t, string(typed(linkPath(letter), "12+%3Cb%3E").wants(422).body), "six digits")
	for range 4 {
		typed(linkPath(letter), wrongCode(letter)).wants(422)
	}
	locked := typed(linkPath(letter), letter.Code).wants(http.StatusTooManyRequests)
	assert.Contains(t, string(locked.body), "too often")
	assert.NotEmpty(t, locked.header.Get("Retry-After"))
	assert.Equal(t, models.AddressPending, v.state())

	h.clock.advance(72 * time.Hour)
	english.with("Content-Type", "application/x-www-form-urlencoded").post(linkPath(letter)+"/resend", "").wants(200)
	next := v.send()
	assert.Contains(t, string(typed(linkPath(letter), next.Code).wants(200).body), "Confirmed", "typed on the page of the old link")
	assert.Equal(t, models.AddressVerified, v.state())
	assert.Contains(t, string(typed(linkPath(letter), "").wants(200).body), "Confirmed")
}
