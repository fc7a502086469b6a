package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestBotsOfChatPlatformsAreChecked: an account can make one only where an operator turned the
// platform on, at the platform's own hosts, and with what the platform shows.
func TestBotsOfChatPlatformsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	good := map[string]string{
		"dingtalk": "https://oapi.dingtalk.com/robot/send?access_token=tok-123456789",
		"wecom":    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key-123456789",
		"feishu":   "https://open.larksuite.com/open-apis/bot/v2/hook/tok-123456789",
		"teams":    "https://default0.1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/x/triggers/manual/paths/invoke?api-version=1&sig=tok-123456789",
		"slack":    "https://hooks.slack.com/services/T00000000/B00000000/tok-123456789",
	}
	for channel, url := range good {
		bot := func(url string) object {
			return object{"channel": channel, "name": channel, "secrets": object{"url": url}}
		}
		h.as(h.root).post("/v1/bots", bot(url)).problem("validation-failed").complains("#/channel", "unavailable-channel")
		h.as(h.admin).post("/v1/providers", object{"kind": channel, "name": channel}).wants(201)
		made := h.as(h.root).post("/v1/bots", bot(url)).wants(201)
		assert.NotContains(t, string(made.body), "123456789")
		assert.True(t, strings.HasSuffix(made.field("hint"), "/…"), made.field("hint"))
		for wrong, code := range map[string]string{
			"https://evil.example/x?access_token=y&key=z": "unknown-host", strings.TrimRight(url, "0123456789-tokey"): "incomplete",
			strings.Replace(url, "https", "http", 1): "blocked-address", "nonsense": "invalid-url", "": "required",
		} {
			h.as(h.root).post("/v1/bots", bot(wrong)).problem("validation-failed").complains("#/secrets/url", code)
		}
	}
	settings := func(name, value string) object {
		return object{"channel": "dingtalk", "name": "other", "secrets": object{"url": good["dingtalk"]}, "settings": object{name: value}}
	}
	for name, c := range map[string][2]string{
		"mentions": {"13800138000, nobody", "invalid-number"}, "keywords": {" , ", "invalid-characters"}, "mention_from": {"never", "not-allowed"},
		"colour": {"red", "unknown-field"},
	} {
		h.as(h.root).post("/v1/bots", settings(name, c[0])).problem("validation-failed").complains("#/settings/"+name, c[1])
	}
	private := "https://dingtalk.acme.example/robot/send?access_token=tok-123456789"
	h.as(h.root).post("/v1/bots", object{"channel": "dingtalk", "name": "private", "secrets": object{"url": private}}).problem("validation-failed")
	list := h.as(h.admin).get("/v1/providers?channel=dingtalk").wants(200)
	id := list.field("items", 0, "id")
	provider := h.as(h.admin).get("/v1/providers/" + id).wants(200)
	h.as(h.admin).ifMatch(provider).patch("/v1/providers/"+id, object{"settings": object{"hosts": "dingtalk.acme.example"}}).wants(200)
	h.as(h.root).post("/v1/bots", object{"channel": "dingtalk", "name": "private", "secrets": object{"url": private}}).wants(201)
}
