package stage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// settle is how long a process that ended by itself stays down before it is
// started again, as a supervisor would.
const settle = 300 * time.Millisecond

// Part is one process of the service, under a supervisor that starts it again
// whenever it ends.
type Part struct {
	Name string
	// Address is where it answers, "host:port"; "" for workers.
	Address string

	program string
	args    []string
	env     []string
	log     string
	ended   chan struct{} // closed when the supervisor has ended

	mu     sync.Mutex
	cmd    *exec.Cmd
	down   time.Duration // how long it stays down after the kill
	killed bool
	starts int
	deaths int // by itself
}

// supervise starts the process again and again until the context ends; then it
// kills it and waits for it.
func (p *Part) supervise(ctx context.Context) {
	defer close(p.ended)
	for ctx.Err() == nil {
		p.once(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(p.pause()):
		}
	}
}

// once runs the process to its end.
func (p *Part) once(ctx context.Context) {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return // the folder is gone: the drill is over
	}
	defer func() { _ = log.Close() }()                    // the process has its own
	cmd := exec.CommandContext(ctx, p.program, p.args...) //nolint:gosec // of the stage
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt of the terminal is the drill's alone
	p.mu.Lock()
	if err := cmd.Start(); err != nil {
		p.deaths++
		p.mu.Unlock()
		_, _ = fmt.Fprintln(log, "start:", err) // the log is a help
		return
	}
	p.cmd = cmd
	p.starts++
	p.mu.Unlock()
	_ = cmd.Wait() // how it ended is in its log
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd = nil
	if !p.killed && ctx.Err() == nil {
		p.deaths++
	}
}

// pause is how long the process stays down now.
func (p *Part) pause() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := settle
	if p.killed {
		wait = p.down
	}
	p.killed = false
	return wait
}

// Kill ends the process as a power cut would; it stays down for a while. It returns
// the process id, 0 when the process is down already.
func (p *Part) Kill(down time.Duration) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || p.killed {
		return 0
	}
	p.killed, p.down = true, down
	_ = p.cmd.Process.Kill() // it may have ended just now
	return p.cmd.Process.Pid
}

// Signal sends a signal to the process, if it runs.
func (p *Part) Signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return os.ErrProcessDone
	}
	return p.cmd.Process.Signal(s)
}

// Starts counts how often the process was started.
func (p *Part) Starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starts
}

// Deaths counts how often the process ended by itself.
func (p *Part) Deaths() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deaths
}

func logOf(dir, name string) string { return filepath.Join(dir, name+".log") }
