package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// mediumChat is the name of the chat platforms' sink in paths and faults.
const mediumChat = "chats"

// Chat is one message that a group chat got.
type Chat struct {
	Platform string `json:"platform"`
	// Text is what a member of the group reads, as far as plain text shows it.
	Text string `json:"text"`
	// Mentions are those whom the message calls.
	Mentions []string `json:"mentions"`
	// Signed says that the request carries a signature; nobody checks it here.
	Signed bool              `json:"signed"`
	Bytes  int               `json:"bytes"`
	Body   string            `json:"body"`
	Header map[string]string `json:"headers"`
}

// platform is a chat platform as far as a bot sees of it.
type platform struct {
	name, path string
	// read finds what a member of the group reads.
	read func(message) string
	// answer says that the message was posted.
	answer func(http.ResponseWriter)
}

// message is a request's body.
type message map[string]any

// platforms answer at the paths of the real ones.
func (s *Sandbox) platforms() []platform {
	done := func(body map[string]any) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { answer(w, http.StatusOK, body) }
	}
	return []platform{
		{"dingtalk", "/robot/send", func(m message) string { return unmarked(m.text("markdown", "text")) }, done(map[string]any{"errcode": 0, "errmsg": "ok"})},
		{"wecom", "/cgi-bin/webhook/send", readWeCom, done(map[string]any{"errcode": 0, "errmsg": "ok"})},
		{"feishu", "/open-apis/bot/v2/hook/{token}", func(m message) string { return lined(m["card"]) }, done(map[string]any{"code": 0, "msg": "success"})},
		{"slack", "/services/{team}/{bot}/{token}", func(m message) string { return lined(m["blocks"]) }, func(w http.ResponseWriter) {
			_, _ = fmt.Fprint(w, "ok") // the sender is gone: nobody to tell
		}},
		{"teams", "/workflows/{id}", func(m message) string { return lined(m["attachments"]) }, func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }},
		{"telegram", "/telegram/{bot}/sendMessage", readTelegram, func(w http.ResponseWriter) {
			answer(w, http.StatusOK, map[string]any{"ok": true, "result": map[string]any{"message_id": s.chats.last(), "chat": map[string]any{"id": -1}}})
		}},
	}
}

// catchChat answers like the platform.
func (s *Sandbox) catchChat(p platform) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := readBody(w, r)
		if !ok {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			answer(w, http.StatusBadRequest, map[string]any{"message": err.Error()})
			return
		}
		fault := s.faults.next(r.Context(), mediumChat)
		if !fault.fails() || fault.Keep {
			if err := s.chats.add(s.config.Now(), caught(p, r, m, body)); err != nil {
				s.broken(w, err)
				return
			}
		}
		if !misbehave(w, fault) {
			p.answer(w)
		}
	}
}

func caught(p platform, r *http.Request, m message, body []byte) Chat {
	c := Chat{
		Platform: p.name, Text: p.read(m), Mentions: []string{}, Bytes: len(body), Body: string(body), Header: flat(r.Header),
		Signed: r.URL.Query().Has("sign") || m.text("sign") != "",
	}
	for _, list := range []any{m.at("at", "atMobiles"), m.at("text", "mentioned_mobile_list"), m.at("markdown", "mentioned_mobile_list")} {
		each, _ := list.([]any)
		for _, number := range each {
			c.Mentions = append(c.Mentions, fmt.Sprint(number))
		}
	}
	if all, _ := m.at("at", "isAtAll").(bool); all {
		c.Mentions = append(c.Mentions, "all")
	}
	return c
}

// ChatURL returns where bots of the platform post, with what their addresses need: keys that
// open nothing. It is "" for platforms that the sandbox does not know.
func (s *Sandbox) ChatURL(name, group string) string {
	token := url.PathEscape(group)
	paths := map[string]string{
		"dingtalk": "/robot/send?access_token=" + token, "wecom": "/cgi-bin/webhook/send?key=" + token, "feishu": "/open-apis/bot/v2/hook/" + token,
		"slack": "/services/T0/B0/" + token, "teams": "/workflows/" + token + "?sig=" + token, "telegram": "/telegram",
	}
	if path, known := paths[name]; known {
		return s.URL() + path
	}
	return ""
}

// at is the value at the path of names; nil when there is none.
func (m message) at(names ...string) any {
	var value any = map[string]any(m)
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func (m message) text(names ...string) string {
	text, _ := m.at(names...).(string)
	return text
}

// chatRoutes are the platforms' sinks.
func (s *Sandbox) chatRoutes(mux *http.ServeMux) {
	for _, p := range s.platforms() {
		mux.HandleFunc("POST "+p.path, s.catchChat(p))
	}
}
