//go:build e2e

package e2e_test

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
	"belfry.dev/belfry/deploy/sandbox"
)

// clusterPassword is everybody's in a cluster.
const clusterPassword = "correct horse battery"

// cluster is a service of several processes: a database, Temporal, two that serve and
// two that work. The sinks are the test's own.
type cluster struct {
	dir     string
	env     []string
	program string // what migrates, serves and works
	sandbox *sandbox.Sandbox
	secret  string // of webhooks
	bases   [2]string
	serves  [2]*part
	workers [2]*part
	// sinks looks at the sandbox, and runs commands on the cluster's database.
	sinks      *machine
	productKey string
	rootKey    string
}

// newCluster starts everything, on a database that scripts/ has a script of that name
// for, with the binary that migrates, serves and works and with more settings, and makes the
// first operator.
func newCluster(t *testing.T, database, program string, env ...string) *cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "belfry-e2e-") //nolint:usetesting // short: sockets have names of 107 bytes at most
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	c := &cluster{dir: dir, secret: "whsec_" + random64(t), program: program}
	temporal := freeAddress(t)
	c.env = append(quick(), "BELFRY_SECRET_KEY="+random64(t), "BELFRY_TEMPORAL_ADDRESS="+temporal,
		"BELFRY_OUTGOING_ALLOW=127.0.0.0/8", "BELFRY_PUBLIC_URL=https://belfry.example", "BELFRY_DRAIN_DELAY=1s",
		"BELFRY_DB_DSN="+startDatabase(t, database, filepath.Join(dir, "db")))
	c.env = append(c.env, env...)
	c.start(t, "temporal", "temporal", "--data", filepath.Join(dir, "temporal"), "--temporal-listen", temporal)
	c.startSinks(t)
	c.migrate(t)
	for i := range c.serves {
		name := string(rune('1' + i))
		address := freeAddress(t)
		c.bases[i] = "http://" + address
		c.serves[i] = c.observed(t, "serve-"+name, "serve", "--listen", address)
		c.workers[i] = c.observed(t, "worker-"+name, "worker")
	}
	for _, base := range c.bases {
		c.becomesReady(t, base)
	}
	return c
}

// needMariaDB skips the test where there is none.
func needMariaDB(t *testing.T) {
	t.Helper()
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		_, err := exec.LookPath(program)
		if _, hidden := os.Stat("/usr/sbin/" + program); err != nil && hidden != nil {
			t.Skipf("%s is not installed (scripts/install.sh installs it): nothing to run several processes on", program)
		}
	}
}

// startDatabase starts a server of the test's own and returns its DSN. It skips the test
// where there is none to be had.
func startDatabase(t *testing.T, name, dir string) string {
	t.Helper()
	script := "../scripts/" + name + ".sh"
	t.Cleanup(func() {
		text, err := exec.Command(script, "stop", dir).CombinedOutput()
		require.NoError(t, err, string(text))
	})
	text, err := exec.CommandContext(t.Context(), script, "start", dir).Output()
	const unavailable = 77
	if ended, ok := errors.AsType[*exec.ExitError](err); ok && ended.ExitCode() == unavailable {
		t.Skip(string(ended.Stderr))
	}
	require.NoError(t, err, "start %s: %s", name, text)
	return strings.TrimSpace(string(text))
}

// startSinks plays the providers in this process.
func (c *cluster) startSinks(t *testing.T) {
	t.Helper()
	folder := filepath.Join(c.dir, "sinks")
	require.NoError(t, os.Mkdir(folder, 0o700))
	var err error
	c.sandbox, err = sandbox.Start(t.Context(), sandbox.Config{
		Dir: folder, SMTPAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", WebhookSecret: c.secret,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.sandbox.Stop(t.Context()) }) // the test is over
	c.sinks = &machine{program: c.program, data: c.dir, env: c.env, flags: []string{"", "", "", strings.TrimPrefix(c.sandbox.URL(), "http://")}}
}

// migrate lets two processes migrate at once, and makes the first operator.
func (c *cluster) migrate(t *testing.T) {
	t.Helper()
	first, second := c.startProgram(t, c.program, "migrate-1", "migrate"), c.startProgram(t, c.program, "migrate-2", "migrate")
	first.endsCleanly(t)
	second.endsCleanly(t)
	c.sinks.env = append(c.env, "BELFRY_BOOTSTRAP_PASSWORD="+clusterPassword)
	text, err := c.sinks.run(t, "bootstrap")
	require.NoError(t, err, text)
}

func (c *cluster) becomesReady(t *testing.T, base string) {
	t.Helper()
	eventually(t, 30*time.Second, func() error {
		var ready struct {
			Parts map[string]string `json:"parts"`
		}
		err := client.New(base, "").Get(t.Context(), "/readyz", &ready)
		if err == nil && ready.Parts["temporal"] != "ok" {
			err = errors.New("temporal is not ready")
		}
		return err
	})
}

// populate makes what a product needs, over both processes.
func (c *cluster) populate(t *testing.T) {
	t.Helper()
	operator := c.signIn(t, client.New(c.bases[0], ""), "platform", "admin")
	var account, product, key struct {
		ID  string `json:"id"`
		Key string `json:"key"`
	}
	post := func(who *client.Client, path string, body map[string]any, out any) {
		require.NoError(t, who.Post(t.Context(), path, body, out), path)
	}
	post(operator, "/v1/accounts", map[string]any{
		"alias": "acme", "name": "Acme", "language": "en-US", "root": map[string]any{"name": "root", "password": clusterPassword},
		"addresses": []map[string]string{{"channel": "email", "value": "ops@acme.example"}, {"channel": "sms", "value": "+8613800138000"}},
	}, &account)
	post(operator, "/v1/products", map[string]any{"name": "shop", "display_name": "Shop", "types": []string{"*"}, "accounts": []string{account.ID}}, &product)
	post(operator, "/v1/products/"+product.ID+"/keys", map[string]any{"name": "first"}, &key)
	c.productKey = key.Key
	for _, provider := range c.providers(t) {
		post(operator, "/v1/providers", provider, nil)
	}
	root := c.signIn(t, client.New(c.bases[1], ""), "acme", "root")
	post(root, "/v1/bots", map[string]any{
		"name": "sink", "channel": "webhook", "secrets": map[string]string{"url": c.sandbox.WebhookURL(), "secret": c.secret},
	}, nil)
	post(root, "/v1/me/access-keys", map[string]any{"name": "first"}, &key)
	c.rootKey = key.Key
	c.keep(t)
}

// providers are the sinks, as an operator would enter them.
func (c *cluster) providers(t *testing.T) []map[string]any {
	t.Helper()
	host, port, err := net.SplitHostPort(c.sandbox.SMTPAddress())
	require.NoError(t, err)
	_, web, err := net.SplitHostPort(c.sinks.flags[3])
	require.NoError(t, err)
	return []map[string]any{
		{"name": "mail", "kind": "smtp", "settings": map[string]string{
			"host": host, "port": port, "tls": "none", "auth": "none", "from": "belfry@belfry.example",
		}},
		{"name": "sms", "kind": "sms_http", "settings": map[string]string{
			"url": c.sandbox.SMSURL(), "allow_http": "true", "allow_port": web, "id_path": "id", "message_path": "message",
		}},
		{"name": "webhook", "kind": "webhook", "settings": map[string]string{"allow_http": "true", "ports": web}},
	}
}

// keep writes the keys where the sinks' machine looks for them.
func (c *cluster) keep(t *testing.T) {
	t.Helper()
	text, err := json.Marshal(secrets{ProductKey: c.productKey, RootKey: c.rootKey})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(c.dir, "demo.json"), text, 0o600))
	c.sinks.flags[1] = strings.TrimPrefix(c.bases[1], "http://")
}

func (c *cluster) signIn(t *testing.T, anyone *client.Client, account, name string) *client.Client {
	t.Helper()
	var session struct {
		Token string `json:"token"`
	}
	require.NoError(t, anyone.Post(t.Context(), "/v1/sessions", map[string]string{
		"account": account, "name": name, "password": clusterPassword,
	}, &session))
	return anyone.As(session.Token)
}

// part is one process of a cluster.
type part struct {
	name  string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // when it has ended
	// observer is where its metrics are; "" for nowhere.
	observer string
}

// observed starts a process whose metrics can be read.
func (c *cluster) observed(t *testing.T, name string, args ...string) *part {
	t.Helper()
	address := freeAddress(t)
	p := c.startProgram(t, c.program, name, append(args, "--metrics-listen", address)...)
	p.observer = address
	return p
}

// metrics reads the values by name and labels, as they are printed.
func (p *part) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.observer+"/metrics", nil)
	require.NoError(t, err)
	response, err := new(http.Client).Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	require.Equal(t, http.StatusOK, response.StatusCode)
	values := map[string]float64{}
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		at := strings.LastIndex(lines.Text(), " ")
		if value, err := strconv.ParseFloat(lines.Text()[at+1:], 64); err == nil {
			values[lines.Text()[:at]] = value
		}
	}
	return values
}

// start runs the binary; what is still running at the end of the test is killed.
func (c *cluster) start(t *testing.T, name string, args ...string) *part {
	t.Helper()
	return c.startProgram(t, binary, name, args...)
}

// startProgram is start for another binary.
func (c *cluster) startProgram(t *testing.T, program, name string, args ...string) *part {
	t.Helper()
	log := filepath.Join(c.dir, name+".log")
	out, err := os.Create(log)
	require.NoError(t, err)
	p := &part{name: name, cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Env = append((&machine{env: c.env}).environ(), "CLOCK_FILE="+c.clockOf(name))
	p.cmd.Stdout, p.cmd.Stderr = out, out
	require.NoError(t, p.cmd.Start())
	require.NoError(t, out.Close())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.ended
		if t.Failed() {
			text, _ := os.ReadFile(log) // the log is a help, not the point
			t.Logf("log of %s:\n%s", name, tail(string(text), 30))
		}
	})
	return p
}

func (p *part) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(s))
}

func (p *part) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	<-p.ended
}

// endsCleanly waits until the process has ended by itself, with success.
func (p *part) endsCleanly(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
		require.NoError(t, p.err, "%s must end cleanly", p.name)
	case <-time.After(30 * time.Second):
		require.Fail(t, p.name+" does not end")
	}
}

// random64 is a secret of 32 bytes.
func random64(t *testing.T) string {
	t.Helper()
	raw := make([]byte, 32)
	_, err := rand.Read(raw)
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(raw)
}
