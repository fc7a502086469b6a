package moment_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"belfry.dev/belfry/internal/moment"
)

// source counts how often it is read.
type source struct {
	value, reads int
	err          error
}

func (s *source) read() (int, error) {
	s.reads++
	return s.value, s.err
}

func TestAValueIsReusedForAMoment(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for keep, reads := range map[time.Duration][3]int{0: {1, 1, 2}, time.Hour: {1, 1, 2}, -1: {1, 2, 3}} {
		at, s := now, &source{value: 7}
		m := moment.New[string, int](func() time.Time { return at }, keep)
		for i, after := range []time.Duration{0, moment.Longest - 1, moment.Longest} {
			at = now.Add(after)
			if got, err := m.Get("k", s.read); got != 7 || err != nil || s.reads != reads[i] {
				t.Errorf("keep %v, after %v: %d, %v, %d reads, want %d", keep, after, got, err, s.reads, reads[i])
			}
		}
	}
}

func TestFailuresAreNotRemembered(t *testing.T) {
	t.Parallel()
	s := &source{err: errors.New("away")}
	m := moment.New[string, int](time.Now, 0)
	if _, err := m.Get("k", s.read); err == nil {
		t.Error("the failure is hidden")
	}
	s.err, s.value = nil, 7
	if got, err := m.Get("k", s.read); got != 7 || err != nil {
		t.Errorf("Get() = %d, %v after the failure", got, err)
	}
}

func TestWhatIsReadWhileSomethingChangesIsNotKept(t *testing.T) {
	t.Parallel()
	s := &source{value: 1}
	m := moment.New[string, int](time.Now, 0)
	old, err := m.Get("k", func() (int, error) {
		before := s.value
		s.value = 2
		m.Forget()
		return before, nil
	})
	if got, _ := m.Get("k", s.read); old != 1 || err != nil || got != 2 {
		t.Errorf("read %d, %v, and then %d: the change is not seen", old, err, got)
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := &source{}
	m := moment.New[int, int](time.Now, 0)
	for i := range moment.Most + 1 {
		_, _ = m.Get(i, s.read)
	}
	s.reads = 0
	if _, _ = m.Get(moment.Most, s.read); s.reads != 0 {
		t.Error("the newest is forgotten")
	}
	if _, _ = m.Get(0, s.read); s.reads != 1 {
		t.Error("more is kept than there is room for")
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	t.Parallel()
	m := moment.New[int, int](time.Now, 0)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for k := range 100 {
				if got, err := m.Get(k, func() (int, error) { return k, nil }); got != k || err != nil {
					t.Errorf("Get(%d) = %d, %v", k, got, err)
				}
				if i == 0 {
					m.Forget()
				}
			}
		})
	}
	group.Wait()
}
