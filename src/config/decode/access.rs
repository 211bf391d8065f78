//! The tree as a serde deserializer that notes where an error happened.

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, Error, IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use super::{
    super::{
        problem::{Problem, unknown_key},
        scalar,
        tree::{Key, Node, Path, Value},
    },
    Failure, Notes,
    error::DecodeError,
};

/// Reads one node.
pub(super) struct NodeDeserializer<'a> {
    node: &'a Node,
    path: Path,
    notes: &'a Notes,
}

impl<'a> NodeDeserializer<'a> {
    pub(super) fn new(node: &'a Node, path: Path, notes: &'a Notes) -> Self {
        Self { node, path, notes }
    }

    fn entries(self, entries: &'a [(Key, Node)], known: Option<&'static [&'static str]>) -> Entries<'a> {
        Entries { table: self, left: entries.iter(), known, value: None }
    }

    fn unexpected(&self) -> Unexpected<'a> {
        match &self.node.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(flag) => Unexpected::Bool(*flag),
            Value::Integer(number) => Unexpected::Signed(*number),
            Value::Float(number) => Unexpected::Float(*number),
            Value::String(text) => Unexpected::Str(text),
            Value::Plain(text) => match scalar::resolved(text) {
                Value::Bool(flag) => Unexpected::Bool(flag),
                Value::Integer(number) => Unexpected::Signed(number),
                Value::Float(number) => Unexpected::Float(number),
                _ => Unexpected::Str(text),
            },
            Value::List(_) => Unexpected::Seq,
            Value::Table(_) => Unexpected::Map,
        }
    }
}

/// Notes the place of an error unless a place further inside is noted already. A success forgets what failed inside:
/// somebody recovered from it.
pub(super) fn placed<T>(
    outcome: Result<T, DecodeError>,
    node: &Node,
    path: &Path,
    notes: &Notes,
) -> Result<T, DecodeError> {
    let mut noted = notes.failure.borrow_mut();
    match &outcome {
        Ok(_) => *noted = None,
        Err(error) if noted.is_none() => *noted = Some(failure(error, node, path)),
        Err(_) => {}
    }
    outcome
}

fn failure(error: &DecodeError, node: &Node, path: &Path) -> Failure {
    let unknown = error.unknown.as_ref().and_then(|name| node.entries()?.iter().find(|(key, _)| key.name == *name));
    let (at, value) = match unknown {
        Some((key, _)) => (key.at, path.key(&key.name)),
        None => (node.at, path.clone()),
    };
    Failure { problem: Problem::new(at, path.clone(), &error.message), value, missing: error.missing }
}

impl<'de> Deserializer<'de> for NodeDeserializer<'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::String(text) => visitor.visit_str(text),
            Value::Plain(text) => match scalar::resolved(text) {
                Value::Bool(flag) => visitor.visit_bool(flag),
                Value::Integer(number) => visitor.visit_i64(number),
                Value::Float(number) => visitor.visit_f64(number),
                _ => visitor.visit_str(text),
            },
            Value::List(items) => visitor.visit_seq(Items { list: self, left: items.iter().enumerate() }),
            Value::Table(entries) => visitor.visit_map(self.entries(entries, None)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        super::seen(name, fields, self.node);
        match &self.node.value {
            Value::Table(entries) => visitor.visit_map(self.entries(entries, Some(fields))),
            // an element of a list that is nothing is one without any key, as in Go
            Value::Null => visitor.visit_map(self.entries(&[], Some(fields))),
            _ => Err(DecodeError::invalid_type(self.unexpected(), &"a table")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::String(word) | Value::Plain(word) => visitor.visit_enum(word.as_str().into_deserializer()),
            Value::Table(entries) if entries.len() == 1 => {
                visitor.visit_enum(Variant { table: self, entry: &entries[0] })
            }
            _ => Err(DecodeError::invalid_type(self.unexpected(), &"a string")),
        }
    }

    /// A text without quotes is a text where one is asked for, whatever it looks like; nothing is the empty text.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::Plain(text) => visitor.visit_str(text),
            Value::Null => visitor.visit_str(""),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    /// Nothing is the empty list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::Null => visitor.visit_seq(Items { list: self, left: [].iter().enumerate() }),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Nothing is the empty table.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            Value::Null => visitor.visit_map(self.entries(&[], None)),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

/// The elements of a list.
struct Items<'a> {
    list: NodeDeserializer<'a>,
    left: std::iter::Enumerate<std::slice::Iter<'a, Node>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let notes = self.list.notes;
        for (index, node) in self.left.by_ref() {
            let path = self.list.path.index(index);
            if !notes.wrong.contains(&path) {
                let outcome = seed.deserialize(NodeDeserializer::new(node, path.clone(), notes));
                return placed(outcome, node, &path, notes).map(Some);
            }
        }
        Ok(None)
    }
}

/// The entries of a table; with `known`, a struct's fields.
struct Entries<'a> {
    table: NodeDeserializer<'a>,
    left: std::slice::Iter<'a, (Key, Node)>,
    known: Option<&'static [&'static str]>,
    value: Option<(Path, &'a Node)>,
}

impl Entries<'_> {
    /// Whether a struct's key has no value, which is as good as no key.
    fn is_unset(&self, node: &Node) -> bool {
        self.known.is_some() && node.value == Value::Null
    }

    /// Whether a struct has the key; one that it does not have is noted.
    fn is_known(&self, key: &Key) -> bool {
        let Some(known) = self.known else { return true };
        if known.contains(&key.name.as_str()) {
            return true;
        }
        let problem = Problem::new(key.at, self.table.path.clone(), unknown_key(&key.name, known));
        self.table.notes.unknown.borrow_mut().push(problem);
        false
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        while let Some((key, node)) = self.left.next() {
            let path = self.table.path.key(&key.name);
            if self.table.notes.wrong.contains(&path) || !self.is_known(key) || self.is_unset(node) {
                continue;
            }
            self.value = Some((path, node));
            let name: StrDeserializer<'_, DecodeError> = key.name.as_str().into_deserializer();
            return seed.deserialize(name).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let (path, node) = self.value.take().expect("serde asks for a value after its key only");
        let notes = self.table.notes;
        placed(seed.deserialize(NodeDeserializer::new(node, path.clone(), notes)), node, &path, notes)
    }
}

/// `{ name = content }` as a variant with content.
struct Variant<'a> {
    table: NodeDeserializer<'a>,
    entry: &'a (Key, Node),
}

impl<'de> Variant<'de> {
    fn content(self) -> NodeDeserializer<'de> {
        NodeDeserializer { node: &self.entry.1, path: self.table.path.key(&self.entry.0.name), notes: self.table.notes }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        let name: StrDeserializer<'_, DecodeError> = self.entry.0.name.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        Err(DecodeError::invalid_type(Unexpected::Map, &"a string"))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        let (path, node, notes) = (self.table.path.key(&self.entry.0.name), &self.entry.1, self.table.notes);
        placed(seed.deserialize(self.content()), node, &path, notes)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.content().deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.content().deserialize_struct("", fields, visitor)
    }
}
