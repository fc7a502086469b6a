package main

import (
	"io"
	"net/url"
	"os"
	"strings"
	"text/template"

	"belfry.dev/belfry/cmd/belfry/demo"
)

// summary is what belfry dev prints once it runs. Exactly one line starts with
// curl: it can be copied as it stands.
const summary = `
Belfry is running. Open this address; the sign-in page is filled in already:

  {{.Console}}

Everything it keeps is in {{.Dir}}

  API          {{.Base}}
  API docs     {{.Base}}/docs
  What is sent {{.Sinks}}/mail   {{.Sinks}}/sms   {{.Sinks}}/webhooks   {{.Sinks}}/chats
  Temporal     {{.Temporal}} (namespace {{.Namespace}})

  Sign in      account platform, name admin, password {{.OperatorPassword}} (operator)
               account {{.Alias}}, name root, password {{.RootPassword}} (root user)

Submit a notification:

{{.Curl}}

Within a second it is in the inbox, and it goes out as mail, SMS and webhook:

  BELFRY_URL={{.Base}} BELFRY_KEY={{.RootKey}} {{.Program}} inbox
  BELFRY_URL={{.Base}} BELFRY_KEY={{.ProductKey}} {{.Program}} send account.low_balance --account {{.Alias}} {{.Flags}} --wait 10s

The second line prints the report: who was tried over what, and what each provider answered.
{{if .People}}
Contacts, a group and subscriptions are there, too: Jonas is asked in {{.Sinks}}/mail to prove the address. Two bots
write to groups of DingTalk and Slack, as {{.Sinks}}/chats shows. A disk expires
half an hour after the first start. What will remind of it, and whom (also see /v1/contacts, /v1/subscriptions, /v1/coverage):

  curl -sS {{.Base}}/v1/reminders -H 'Authorization: Bearer {{.RootKey}}'
{{end}}
Stop with Ctrl-C; nothing is lost. Start over with --fresh.
`

// announce prints the summary.
func (d *dev) announce(to io.Writer) error {
	if err := d.dir.export(d.base(), d.sandbox.URL(), d.secrets); err != nil {
		return err
	}
	page := template.Must(template.New("summary").Parse(summary))
	return page.Execute(to, map[string]any{
		"Console": d.console(), "Dir": d.dir.path, "Alias": demo.Alias, "Base": d.base(), "Sinks": d.sandbox.URL(),
		"Temporal": d.server.Address(), "Namespace": devNamespace,
		"OperatorPassword": d.secrets.OperatorPassword, "RootPassword": d.secrets.RootPassword,
		"RootKey": d.secrets.RootKey, "ProductKey": d.secrets.ProductKey,
		"People": d.secrets.People, "Curl": d.curl(), "Flags": sendFlags(), "Program": os.Args[0],
	})
}

// console is the address of the sign-in page, with the root user of the demo's account: what
// stands behind # stays in the browser.
func (d *dev) console() string {
	root := url.Values{"name": {"root"}, "password": {d.secrets.RootPassword}}
	return d.base() + "/console/sign-in?account=" + demo.Alias + "#" + root.Encode()
}

// demoVariables are those of account.low_balance that the printed lines submit.
var demoVariables = [...][2]string{{"balance", "CNY 86.50"}, {"threshold", "CNY 100.00"}, {"days_left", "3"}}

// curl is the line that submits a notification, whatever shell reads it.
func (d *dev) curl() string {
	var pairs []string
	for _, v := range demoVariables {
		pairs = append(pairs, `"`+v[0]+`": "`+v[1]+`"`)
	}
	body := `{"type": "account.low_balance", "account": "` + demo.Alias + `", "variables": {` + strings.Join(pairs, ", ") + `}}`
	return "curl -sS -X POST " + d.base() + "/v1/notifications -H 'Authorization: Bearer " + d.secrets.ProductKey +
		"' -H 'Content-Type: application/json' -d '" + body + "'"
}

// sendFlags are the same variables for belfry send.
func sendFlags() string {
	var flags []string
	for _, v := range demoVariables {
		flags = append(flags, "--var "+v[0]+"='"+v[1]+"'")
	}
	return strings.Join(flags, " ")
}
