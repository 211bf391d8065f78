package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"regexp"
	"sort"
	"strings"
	"time"
)

// Pair is a label's name and value.
type Pair struct{ Name, Value string }

// Pairs are sorted pairs.
type Pairs []Pair

func (ps Pairs) Names() []string {
	names := make([]string, 0, len(ps))
	for _, p := range ps {
		names = append(names, p.Name)
	}
	return names
}

func (ps Pairs) Values() []string {
	values := make([]string, 0, len(ps))
	for _, p := range ps {
		values = append(values, p.Value)
	}
	return values
}

func (ps Pairs) String() string {
	all := make([]string, 0, len(ps))
	for _, p := range ps {
		all = append(all, p.Name+"="+p.Value)
	}
	return strings.Join(all, ", ")
}

// KV is a set of labels.
type KV map[string]string

func (kv KV) SortedPairs() Pairs {
	pairs := make([]Pair, 0, len(kv))
	names := make([]string, 0, len(kv))
	first := 0
	for name := range kv {
		if name == "alertname" {
			names = append([]string{name}, names...)
			first = 1
		} else {
			names = append(names, name)
		}
	}
	sort.Strings(names[first:])
	for _, name := range names {
		pairs = append(pairs, Pair{name, kv[name]})
	}
	return pairs
}

func (kv KV) Remove(names []string) KV {
	unwanted := map[string]bool{}
	for _, name := range names {
		unwanted[name] = true
	}
	kept := KV{}
	for name, value := range kv {
		if !unwanted[name] {
			kept[name] = value
		}
	}
	return kept
}

func (kv KV) Names() []string  { return kv.SortedPairs().Names() }
func (kv KV) Values() []string { return kv.SortedPairs().Values() }
func (kv KV) String() string   { return kv.SortedPairs().String() }

// Alert has Alertmanager's fields and Grafana's.
type Alert struct {
	Status        string             `json:"status"`
	Labels        KV                 `json:"labels"`
	Annotations   KV                 `json:"annotations"`
	StartsAt      time.Time          `json:"startsAt"`
	EndsAt        time.Time          `json:"endsAt"`
	GeneratorURL  string             `json:"generatorURL"`
	Fingerprint   string             `json:"fingerprint"`
	DashboardURL  string             `json:"dashboardURL,omitempty"`
	PanelURL      string             `json:"panelURL,omitempty"`
	Values        map[string]float64 `json:"values,omitempty"`
	ValueString   string             `json:"valueString,omitempty"`
	ImageURL      string             `json:"imageURL,omitempty"`
	EmbeddedImage string             `json:"embeddedImage,omitempty"`
}

// Alerts is a list with methods.
type Alerts []Alert

func (as Alerts) with(status string) []Alert {
	found := []Alert{}
	for _, a := range as {
		if a.Status == status {
			found = append(found, a)
		}
	}
	return found
}

func (as Alerts) Firing() []Alert   { return as.with("firing") }
func (as Alerts) Resolved() []Alert { return as.with("resolved") }

// Data is what templates see.
type Data struct {
	Receiver           string `json:"receiver"`
	Status             string `json:"status"`
	Alerts             Alerts `json:"alerts"`
	NotificationReason string `json:"notification_reason"`
	GroupLabels        KV     `json:"groupLabels"`
	CommonLabels       KV     `json:"commonLabels"`
	CommonAnnotations  KV     `json:"commonAnnotations"`
	RouteLabels        KV     `json:"routeLabels"`
	ExternalURL        string `json:"externalURL"`
	GroupKey           string `json:"-"`
	TruncatedAlerts    int    `json:"-"`
}

// message is how the messages are written down.
type message struct {
	Receiver    string    `json:"receiver"`
	GroupKey    string    `json:"groupKey"`
	Reason      string    `json:"reason"`
	GroupBy     []string  `json:"groupBy"`
	ExternalURL string    `json:"externalURL"`
	Now         time.Time `json:"now"`
	Alerts      []struct {
		Status       string    `json:"status"`
		Labels       KV        `json:"labels"`
		Annotations  KV        `json:"annotations"`
		StartsAt     time.Time `json:"startsAt"`
		EndsAt       time.Time `json:"endsAt"`
		GeneratorURL string    `json:"generatorURL"`
	} `json:"alerts"`
}

func (m message) data() Data {
	d := Data{
		Receiver:           regexp.QuoteMeta(m.Receiver),
		Status:             "resolved",
		NotificationReason: m.Reason,
		GroupLabels:        KV{},
		RouteLabels:        KV{},
		ExternalURL:        m.ExternalURL,
		GroupKey:           m.GroupKey,
		Alerts:             Alerts{},
	}
	for _, a := range m.Alerts {
		if a.Status == "firing" {
			d.Status = "firing"
			a.EndsAt = time.Time{}
		}
		alert := Alert{
			Status: a.Status, Labels: a.Labels, Annotations: public(a.Annotations), StartsAt: a.StartsAt,
			EndsAt: a.EndsAt, GeneratorURL: a.GeneratorURL, Fingerprint: fingerprint(a.Labels),
			ValueString: a.Annotations["__value_string__"],
		}
		if values := a.Annotations["__values__"]; values != "" {
			if err := json.Unmarshal([]byte(values), &alert.Values); err != nil {
				panic(err)
			}
		}
		d.Alerts = append(d.Alerts, alert)
	}
	d.CommonLabels = common(d.Alerts, func(a Alert) KV { return a.Labels })
	d.CommonAnnotations = common(d.Alerts, func(a Alert) KV { return a.Annotations })
	for _, name := range m.GroupBy {
		if value, there := d.CommonLabels[name]; there {
			d.GroupLabels[name] = value
		}
	}
	return d
}

func public(kv KV) KV {
	kept := KV{}
	for name, value := range kv {
		if !(strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__")) {
			kept[name] = value
		}
	}
	return kept
}

func common(alerts Alerts, of func(Alert) KV) KV {
	shared := KV{}
	if len(alerts) == 0 {
		return shared
	}
	for name, value := range of(alerts[0]) {
		same := true
		for _, a := range alerts {
			other, there := of(a)[name]
			same = same && there && other == value
		}
		if same {
			shared[name] = value
		}
	}
	return shared
}

func fingerprint(labels KV) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	sort.Strings(names)
	hash := fnv.New64a()
	for _, name := range names {
		hash.Write([]byte(name + "\xff" + labels[name] + "\xff"))
	}
	return fmt.Sprintf("%016x", hash.Sum64())
}
