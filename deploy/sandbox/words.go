package sandbox

import (
	"net/http"
	"strings"
)

// Languages of the pages, as they stand in addresses and in HTML.
const (
	english = "en-US"
	chinese = "zh-CN"
)

// languageCookie keeps the language that somebody chose.
const languageCookie = "sandbox_lang"

// inChinese are the words of the pages; whoever knows no Chinese gets the keys.
var inChinese = map[string]string{
	"sandbox": "沙箱", "Language": "语言", "Mail": "邮件", "SMS": "短信", "Webhooks": "Webhook", "Chats": "群聊",
	"Nothing here has left this machine.":     "这里的内容都没有离开本机。",
	"Nothing yet. It appears here by itself.": "暂无内容，有新内容时会自动出现。",
	"This sink misbehaves as ordered:":        "此接收端正按要求制造故障：",
	"status":                                  "状态码", "until told otherwise": "直到另行设置", "more": "次",
	"Subject": "主题", "To": "收件人", "From": "发件人", "Caught": "接收时间", "(no subject)": "（无主题）",
	"all mail": "全部邮件", "raw": "原文", "The mail's HTML": "邮件的 HTML", "Text": "文本", "Headers": "头部",
	"(no text)": "（无内容）", "all SMS": "全部短信", "key": "键", "Fields": "字段",
	"Signature": "签名", "Body": "正文", "verified": "已验证", "(none)": "（无）", "all webhooks": "全部 Webhook",
	"request": "请求", "all chats": "全部群聊消息", "signed": "已签名", "not signed": "未签名",
	"(no webhook-id)": "（无 webhook-id）", "signature verified": "签名已验证", "not verified:": "未通过验证：",
}

// Say is the word in the page's language.
func (p page) Say(word string) string {
	if said, ok := inChinese[word]; ok && p.Lang == chinese {
		return said
	}
	return word
}

// languageOf is the language of the request's page: the one it asks for, the one that was
// chosen before, else the browser's. What is asked for is kept.
func languageOf(w http.ResponseWriter, r *http.Request) string {
	asked := r.URL.Query().Get("lang")
	if asked == english || asked == chinese {
		http.SetCookie(w, &http.Cookie{Name: languageCookie, Value: asked, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain http on loopback
		return asked
	}
	if kept, err := r.Cookie(languageCookie); err == nil && (kept.Value == english || kept.Value == chinese) {
		return kept.Value
	}
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "zh") {
		return chinese
	}
	return english
}
