package sandbox_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/smtp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/deploy/sandbox"
)

const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

const letter = "From: Belfry <belfry@example.test>\r\n" +
	"To: ops@acme.test\r\n" +
	"Subject: =?UTF-8?B?5L2Z6aKd5LiN6Laz?=\r\n" +
	"Content-Type: multipart/alternative; boundary=cut\r\n\r\n" +
	"--cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na =3D b\r\n" +
	"--cut\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\r\n" +
	"--cut--\r\n"

func TestCaughtMailShowsItsParts(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	require.NoError(t, send(s))

	got := caught[sandbox.Mail](t, s, "mail")
	require.Len(t, got, 1)
	require.Equal(t, "余额不足", got[0].Subject)
	require.Equal(t, "a = b", got[0].Text)
	require.Equal(t, "<script>alert(1)</script>", got[0].HTML)
	require.Equal(t, []string{"ops@acme.test"}, got[0].To)

	require.Contains(t, text(t, s.URL()+"/mail"), "余额不足")
	require.NotContains(t, text(t, s.URL()+"/mail/1"), "<script>alert", "a mail's HTML may only stand in its own frame")
	response, err := new(http.Client).Get(s.URL() + "/mail/1/html")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "sandbox;", "scripts in a mail must not run")
	require.Contains(t, text(t, s.URL()+"/mail/1/raw"), "PHNjcmlwdD5")
}

// TestPagesKeepTheLanguageThatSomebodyChose: by the switch, or else the browser's.
func TestPagesKeepTheLanguageThatSomebodyChose(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar}
	read := func(path, accept string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Language", accept)
		response, err := client.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, errors.Join(err, response.Body.Close()))
		return string(body)
	}
	require.Contains(t, read("/mail", "zh-CN,zh;q=0.9,en;q=0.8"), "暂无内容")
	require.Contains(t, read("/mail", "en-US,zh;q=0.1"), "Nothing yet")
	require.Contains(t, read("/mail?lang=zh-CN", "en-US"), `<html lang="zh-CN">`)
	require.Contains(t, read("/sms", "en-US"), "暂无内容", "it is kept")
	require.Contains(t, read("/sms?lang=%3Cscript%3E", "en-US"), "暂无内容", "nonsense changes nothing")
	require.Contains(t, read("/webhooks?lang=en-US", "zh-CN"), "Nothing yet")
}

func TestWebhookSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	body := []byte(`{"type":"account.low_balance"}`)
	require.Equal(t, http.StatusNoContent, post(t, s.WebhookURL(), signed(t, body), body))
	require.Equal(t, http.StatusNoContent, post(t, s.WebhookURL(), signed(t, []byte("other")), body))

	got := caught[sandbox.Webhook](t, s, "webhooks")
	require.Len(t, got, 2)
	require.False(t, got[0].Verified, "newest first: the second signature was of another body")
	require.NotEmpty(t, got[0].Problem)
	require.True(t, got[1].Verified, got[1].Problem)
	require.Contains(t, text(t, s.URL()+"/webhooks"), "verified")
	require.Contains(t, text(t, s.URL()+"/webhooks/1"), "account.low_balance")
}

func TestTextsAreReadFromJSONAndForms(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	require.Equal(t, http.StatusOK, post(t, s.SMSURL(), http.Header{"Idempotency-Key": {"dlv_1"}}, []byte(`{"to":"+8613800138000","text":"hi"}`)))
	require.Equal(t, http.StatusOK, post(t, s.SMSURL(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(`phone=1&content=two&id=dlv_2`)))
	require.Equal(t, http.StatusBadRequest, post(t, s.SMSURL(), nil, []byte(`nonsense`)))

	got := caught[sandbox.Text](t, s, "sms")
	require.Len(t, got, 2)
	require.Equal(t, "dlv_2/1/two", got[0].Key+"/"+got[0].To+"/"+got[0].Text)
	require.Equal(t, "dlv_1/+8613800138000/hi", got[1].Key+"/"+got[1].To+"/"+got[1].Text)
	require.Contains(t, text(t, s.URL()+"/sms"), "two")
}

func TestFaultsApplyAsOftenAsOrdered(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	fault(t, s, "webhooks", sandbox.Fault{Times: 1, Every: 2, Status: 503, RetryAfterSeconds: 7})
	fault(t, s, "mail", sandbox.Fault{Times: 1, Status: 450, Keep: true})
	fault(t, s, "sms", sandbox.Fault{Times: 1, Drop: true, Keep: true})

	body := []byte(`{}`)
	for _, want := range []int{204, 503, 204, 204} {
		require.Equal(t, want, post(t, s.WebhookURL(), signed(t, body), body))
	}
	require.Len(t, caught[sandbox.Webhook](t, s, "webhooks"), 3, "a refused webhook is not kept")

	require.ErrorContains(t, send(s), "450")
	require.NoError(t, send(s))
	require.Len(t, caught[sandbox.Mail](t, s, "mail"), 2, "keep writes down what was refused")

	response, err := new(http.Client).Post(s.SMSURL(), "application/json", strings.NewReader(`{"to":"1"}`))
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.ErrorIs(t, err, io.EOF, "the connection must be dropped")
	require.Len(t, caught[sandbox.Text](t, s, "sms"), 1)
}

func TestWhatWasCaughtOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	require.NoError(t, send(s))
	require.NoError(t, s.Stop(t.Context()))
	file, err := os.OpenFile(filepath.Join(dir, "mail.jsonl"), os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString(`{"id":2,"at":"20`) // what a kill leaves
	require.NoError(t, err)
	require.NoError(t, file.Close())

	s = start(t, dir)
	require.Len(t, caught[sandbox.Mail](t, s, "mail"), 1)
	require.NoError(t, send(s))
	require.Len(t, caught[sandbox.Mail](t, s, "mail"), 2)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.URL()+"/api/mail", nil)
	require.NoError(t, err)
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Empty(t, caught[sandbox.Mail](t, s, "mail"))
}

func start(t *testing.T, dir string) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		Dir: dir, SMTPAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0",
		WebhookSecret: secret, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Stop(t.Context()) }) // a test may have stopped it
	return s
}

func send(s *sandbox.Sandbox) error {
	return smtp.SendMail(s.SMTPAddress(), nil, "belfry@example.test", []string{"ops@acme.test"}, []byte(letter))
}

func signed(t *testing.T, body []byte) http.Header {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	now := time.Now()
	signature, err := hook.Sign("dlv_1", now, body)
	require.NoError(t, err)
	header := http.Header{}
	header.Set("webhook-id", "dlv_1")
	header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	header.Set("webhook-signature", signature)
	return header
}

func fault(t *testing.T, s *sandbox.Sandbox, medium string, f sandbox.Fault) {
	t.Helper()
	body, err := json.Marshal(f)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL()+"/api/"+medium+"/faults", bytes.NewReader(body))
	require.NoError(t, err)
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

func post(t *testing.T, url string, header http.Header, body []byte) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

func text(t *testing.T, url string) string {
	t.Helper()
	response, err := new(http.Client).Get(url)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }() // read to its end
	require.Equal(t, http.StatusOK, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// caught returns what a medium caught, newest first.
func caught[T any](t *testing.T, s *sandbox.Sandbox, medium string) []T {
	t.Helper()
	var list struct {
		Items []struct {
			Item T `json:"item"`
		} `json:"items"`
	}
	require.NoError(t, json.Unmarshal([]byte(text(t, s.URL()+"/api/"+medium)), &list))
	out := make([]T, 0, len(list.Items))
	for _, each := range list.Items {
		out = append(out, each.Item)
	}
	return out
}

// TestChatsShowWhatAGroupReads: what the adapters write for each platform, without its markup.
func TestChatsShowWhatAGroupReads(t *testing.T) {
	t.Parallel()
	for platform, c := range map[string]struct{ path, body, want, answer string }{
		"dingtalk": {
			"/robot/send?access_token=a&timestamp=1&sign=b",
			`{"msgtype":"markdown","markdown":{"title":"t","text":"#### **[Critical] Disk**  \n**Host:** a\\*b\\*\\_c  \n[Open](https://x.example/1)"},"at":{"atMobiles":["13800138000"],"isAtAll":false}}`,
			"[Critical] Disk\nHost: a*b*_c\nOpen (https://x.example/1)", `{"errcode":0,"errmsg":"ok"}`,
		},
		"wecom": {
			"/cgi-bin/webhook/send?key=a", `{"msgtype":"markdown","markdown":{"content":"<font color=\"warning\">**Disk**</font>\n> full"}}`,
			"Disk\nfull", `{"errcode":0,"errmsg":"ok"}`,
		},
		"feishu": {
			"/open-apis/bot/v2/hook/a",
			`{"msg_type":"interactive","card":{"config":{"wide_screen_mode":true},"header":{"template":"red","title":{"tag":"plain_text","content":"Disk"}},"elements":[{"tag":"div","text":{"tag":"plain_text","content":"**as it is**"}},{"tag":"action","actions":[{"tag":"button","text":{"tag":"plain_text","content":"Open"},"url":"https://x.example","type":"primary"}]}]}}`,
			"Disk\n**as it is**\nOpen (https://x.example)", `{"code":0,"msg":"success"}`,
		},
		"slack": {
			"/services/T0/B0/a",
			`{"text":"fallback","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Host: ","style":{"bold":true}},{"type":"text","text":"<@U1>"}]},{"type":"rich_text_section","elements":[{"type":"link","text":"Open","url":"https://x.example"}]}]}]}`,
			"Host: <@U1>\nOpen (https://x.example)", "ok",
		},
		"teams": {
			"/workflows/a?sig=b",
			`{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"[Critical] "},{"type":"TextRun","text":"Disk"}]}],"actions":[{"type":"Action.OpenUrl","title":"Open","url":"https://x.example"}]}}]}`,
			"[Critical] Disk\nOpen (https://x.example)", "",
		},
		"telegram": {
			"/telegram/bot1:a/sendMessage", `{"chat_id":-1,"text":"<b>Disk</b> <code>a&lt;b&gt;</code> <a href=\"https://x.example\">Open</a>","parse_mode":"HTML"}`,
			"Disk a<b> Open (https://x.example)", `{"ok":true,"result":{"chat":{"id":-1},"message_id":1}}`,
		},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			s := start(t, t.TempDir())
			response, err := http.Post(s.URL()+c.path, "application/json", strings.NewReader(c.body))
			require.NoError(t, err)
			said, err := io.ReadAll(response.Body)
			require.NoError(t, errors.Join(err, response.Body.Close()))
			require.Equal(t, c.answer, string(said))
			got := caught[sandbox.Chat](t, s, "chats")
			require.Len(t, got, 1)
			require.Equal(t, platform, got[0].Platform)
			require.Equal(t, c.want, got[0].Text)
			require.Equal(t, platform == "dingtalk", got[0].Signed)
			require.Equal(t, platform == "dingtalk", len(got[0].Mentions) == 1)
			require.Contains(t, text(t, s.URL()+"/chats"), "<strong>"+platform+"</strong>")
			require.Contains(t, text(t, s.URL()+"/chats/1"), platform)
		})
	}
}

func TestChatsMisbehaveAsOrdered(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.URL()+"/api/chats/faults", strings.NewReader(`{"times":1,"status":429,"retry_after_seconds":7}`))
	require.NoError(t, err)
	response, err := new(http.Client).Do(request)
	require.NoError(t, errors.Join(err, response.Body.Close()))
	response, err = http.Post(s.ChatURL("slack", "ops"), "application/json", strings.NewReader(`{"blocks":[]}`))
	require.NoError(t, errors.Join(err, response.Body.Close()))
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	require.Equal(t, "7", response.Header.Get("Retry-After"))
	require.Empty(t, caught[sandbox.Chat](t, s, "chats"))
}
