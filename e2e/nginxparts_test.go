//go:build e2e

package e2e_test

import (
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const nginxProgram = "/usr/sbin/nginx"

func needNginx(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(nginxProgram); err != nil {
		require.NotEqual(t, "true", os.Getenv("CI"), "nginx must be there: %v", err)
		t.Skip("nginx is not installed (scripts/install.sh installs it): nothing to stand behind")
	}
	needMariaDB(t)
}

// proxy is nginx in front of a cluster, and somebody who calls through it.
type proxy struct {
	base  string
	key   string
	roots *x509.CertPool
	web   *http.Client
}

// startNginx runs nginx with deploy/nginx/belfry.conf, whose addresses and certificate are
// exchanged for the test's.
func startNginx(t *testing.T, c *cluster) *proxy {
	t.Helper()
	dir := filepath.Join(c.dir, "nginx")
	require.NoError(t, os.Mkdir(dir, 0o700))
	secure, plain := freeAddress(t), freeAddress(t)
	p := &proxy{base: "https://" + secure, key: c.rootKey, roots: certify(t, dir)}
	text, err := os.ReadFile("../deploy/nginx/belfry.conf")
	require.NoError(t, err)
	site := string(text)
	for old, now := range map[string]string{
		"10.0.0.1:8080": strings.TrimPrefix(c.bases[0], "http://"), "10.0.0.2:8080": strings.TrimPrefix(c.bases[1], "http://"),
		"listen 443 ssl": "listen " + secure + " ssl", "listen 80;": "listen " + plain + ";", "/etc/ssl/belfry": dir,
	} {
		require.Contains(t, site, old)
		site = strings.ReplaceAll(site, old, now)
	}
	main := "daemon off;\npid nginx.pid;\nerror_log stderr;\nevents {}\nhttp {\n access_log off;\n"
	for _, each := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += " " + each + "_temp_path " + filepath.Join(dir, each) + ";\n"
	}
	if os.Getuid() == 0 {
		main = "user root root;\n" + main // the folder is the test's
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "belfry.conf"), []byte(site), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(main+" include belfry.conf;\n}\n"), 0o600))
	checked, err := exec.CommandContext(t.Context(), nginxProgram, "-t", "-p", dir, "-c", "nginx.conf").CombinedOutput()
	require.NoError(t, err, string(checked))
	run := c.startProgram(t, nginxProgram, "nginx", "-p", dir, "-c", "nginx.conf")
	t.Cleanup(func() { _ = run.cmd.Process.Signal(syscall.SIGTERM); <-run.ended }) // its workers end with it
	p.web = p.from(t, "").web
	eventually(t, 10*time.Second, func() error {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", secure)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	return p
}

// certify writes a certificate for 127.0.0.1 where the configuration looks for it.
func certify(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	wanted := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, wanted, wanted, key.Public(), key)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fullchain.pem"), chain, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "privkey.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(chain))
	return roots
}

// from is somebody who calls from another address of this machine; "" for any.
func (p *proxy) from(t *testing.T, address string) *proxy {
	t.Helper()
	dialer := &net.Dialer{}
	if address != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(address)}
	}
	there := *p
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: p.roots}, DialContext: dialer.DialContext, DisableCompression: true, ForceAttemptHTTP2: true,
	}
	there.web = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return &there
}

// reply is an answer as it came, but unpacked.
type reply struct {
	status  int
	header  http.Header
	cookies []*http.Cookie
	text    string
}

// do sends JSON, as root unless there is a cookie; headers are names and values in turn.
func (p *proxy) do(t *testing.T, method, path, body string, headers ...string) *reply {
	t.Helper()
	if body != "" {
		headers = append(headers, "Content-Type", "application/json")
	}
	return p.send(t, method, path, strings.NewReader(body), headers...)
}

func (p *proxy) send(t *testing.T, method, path string, body io.Reader, headers ...string) *reply {
	t.Helper()
	response := p.open(t, method, path, body, headers...)
	defer func() { require.NoError(t, response.Body.Close()) }()
	content := io.Reader(response.Body)
	if response.Header.Get("Content-Encoding") == "gzip" {
		var err error
		content, err = gzip.NewReader(response.Body)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(content)
	require.NoError(t, err)
	return &reply{status: response.StatusCode, header: response.Header, cookies: response.Cookies(), text: string(text)}
}

// open is send up to the head of the answer.
func (p *proxy) open(t *testing.T, method, path string, body io.Reader, headers ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.base+path, body)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "gzip")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	if request.Header.Get("Cookie")+request.Header.Get("Authorization") == "" && path != "/v1/sessions" {
		request.Header.Set("Authorization", "Bearer "+p.key)
	}
	response, err := p.web.Do(request)
	require.NoError(t, err)
	return response
}

// unsized is a body whose length nobody knows before its end.
func unsized(text string) io.Reader { return struct{ io.Reader }{strings.NewReader(text)} }
